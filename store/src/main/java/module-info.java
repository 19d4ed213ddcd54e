/// Content, images, layers, snapshots.
module dev.corten.store {
    requires dev.corten.archive;
    requires static transitive org.jspecify;
    requires tools.jackson.databind;
    requires transitive dev.corten.kernel;
    requires transitive dev.corten.model;

    exports dev.corten.store;
    exports dev.corten.store.artifact;
    exports dev.corten.store.content;
    exports dev.corten.store.document;
    exports dev.corten.store.image;
    exports dev.corten.store.migration;
    exports dev.corten.store.snapshot;
}
