/// The distribution protocol: client and server.
module dev.corten.registry {
    requires dev.corten.archive;
    requires java.net.http;
    requires static transitive org.jspecify;
    requires tools.jackson.databind;
    requires transitive dev.corten.http;
    requires transitive dev.corten.model;
    requires transitive dev.corten.store;

    exports dev.corten.registry;
    exports dev.corten.registry.client;
}
