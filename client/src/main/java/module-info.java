/// The HTTP client of the command line.
module dev.corten.client {
    requires static transitive org.jspecify;
    requires transitive dev.corten.model;

    exports dev.corten.client;
}
