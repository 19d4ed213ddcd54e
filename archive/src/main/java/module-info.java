/// tar, compression, rooted extraction.
module dev.corten.archive {
    requires dev.corten.kernel;
    requires static transitive org.jspecify;
    requires transitive dev.corten.model;

    exports dev.corten.archive;
    exports dev.corten.archive.unpack;
}
