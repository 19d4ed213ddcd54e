/// The command line.
module dev.corten.cli {
    requires dev.corten.archive;
    requires dev.corten.client;
    requires dev.corten.kernel;
    requires jdk.unsupported;
    requires static transitive org.jspecify;
    requires transitive dev.corten.model;

    exports dev.corten.cli;
    exports dev.corten.cli.console;
}
