/// The HTTP client of the command line.
module dev.corten.client {
    requires static transitive org.jspecify;
    requires tools.jackson.core;
    requires transitive dev.corten.model;
}
