/// The Docker Engine API.
module dev.corten.api {
    exports dev.corten.api;
    exports dev.corten.api.build;
    exports dev.corten.api.wire;

    requires static transitive org.jspecify;
    requires tools.jackson.databind;
    requires transitive dev.corten.build;
    requires transitive dev.corten.engine;
    requires transitive dev.corten.http;
    requires transitive dev.corten.model;
}
