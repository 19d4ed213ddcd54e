/// The command line.
module dev.corten.cli {
    requires dev.corten.archive;
    requires dev.corten.client;
    requires dev.corten.kernel;
    requires static transitive org.jspecify;
    requires tools.jackson.core;
    requires transitive dev.corten.model;
}
