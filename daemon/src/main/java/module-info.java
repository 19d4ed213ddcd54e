/// Composition root.
module dev.corten.daemon {
    requires dev.corten.api;
    requires dev.corten.build;
    requires dev.corten.archive;
    requires dev.corten.engine;
    requires dev.corten.http;
    requires dev.corten.kernel;
    requires dev.corten.network;
    requires dev.corten.registry;
    requires dev.corten.runtime;
    requires dev.corten.store;
    requires java.logging;
    requires java.management;
    requires jdk.management;
    requires static transitive org.jspecify;
    requires tools.jackson.databind;
    requires transitive dev.corten.model;
}
