/// Sandboxes, containers, execs, images, events.
module dev.corten.engine {
    requires dev.corten.archive;
    requires dev.corten.kernel;
    requires dev.corten.network;
    requires dev.corten.runtime;
    requires dev.corten.store;
    requires static transitive org.jspecify;
    requires tools.jackson.databind;
    requires transitive dev.corten.model;
}
