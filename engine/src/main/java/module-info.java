/// Sandboxes, containers, execs, images, networks, volumes, events: one service for each kind of thing.
module dev.corten.engine {
    requires static transitive org.jspecify;
    requires dev.corten.archive;
    requires transitive dev.corten.build;
    requires transitive dev.corten.kernel;
    requires transitive dev.corten.model;
    requires transitive dev.corten.network;
    requires transitive dev.corten.registry;
    requires transitive dev.corten.runtime;
    requires transitive dev.corten.store;
    requires tools.jackson.databind;

    exports dev.corten.engine.artifact;
    exports dev.corten.engine.build;
    exports dev.corten.engine.build.classic;
    exports dev.corten.engine.build.context;
    exports dev.corten.engine.build.step;
    exports dev.corten.engine.build.output;
    exports dev.corten.engine.build.remote;
    exports dev.corten.engine.container;
    exports dev.corten.engine.container.mount;
    exports dev.corten.engine.container.process;
    exports dev.corten.engine.container.rules;
    exports dev.corten.engine.container.view;
    exports dev.corten.engine.event;
    exports dev.corten.engine.exec;
    exports dev.corten.engine.image;
    exports dev.corten.engine.log;
    exports dev.corten.engine.migration;
    exports dev.corten.engine.network;
    exports dev.corten.engine.pull;
    exports dev.corten.engine.push;
    exports dev.corten.engine.registry;
    exports dev.corten.engine.remote;
    exports dev.corten.engine.sandbox;
    exports dev.corten.engine.stream;
    exports dev.corten.engine.system;
    exports dev.corten.engine.volume;

    // The records that are written to disk.
    opens dev.corten.engine.container to
            tools.jackson.databind;
    opens dev.corten.engine.sandbox to
            tools.jackson.databind;
    opens dev.corten.engine.volume to
            tools.jackson.databind;
}
