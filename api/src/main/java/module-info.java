/// The Docker Engine API.
module dev.corten.api {
    requires dev.corten.engine;
    requires dev.corten.http;
    requires static transitive org.jspecify;
    requires tools.jackson.databind;
    requires transitive dev.corten.model;
}
