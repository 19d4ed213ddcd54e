/// tar, compression, rooted extraction.
module dev.corten.archive {
    requires com.github.luben.zstd_jni;
    requires dev.corten.kernel;
    requires org.apache.commons.compress;
    requires static transitive org.jspecify;
    requires org.tukaani.xz;
    requires transitive dev.corten.model;

    exports dev.corten.archive;
    exports dev.corten.archive.ignore;
    exports dev.corten.archive.unpack;
}
