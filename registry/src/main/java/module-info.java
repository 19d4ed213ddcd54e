/// The distribution protocol: client and server.
module dev.corten.registry {
    requires com.nimbusds.jose.jwt;
    requires dev.corten.archive;
    requires java.logging;
    requires java.net.http;
    requires org.bouncycastle.provider;
    requires org.snakeyaml.engine;
    requires static transitive org.jspecify;
    requires tools.jackson.databind;
    requires transitive dev.corten.http;
    requires transitive dev.corten.model;
    requires transitive dev.corten.store;

    exports dev.corten.registry;
    exports dev.corten.registry.client;
    exports dev.corten.registry.server;
    exports dev.corten.registry.server.settings;
}
