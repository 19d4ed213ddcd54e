/// Content, images, layers, snapshots.
module dev.corten.store {
    requires dev.corten.archive;
    requires dev.corten.kernel;
    requires static transitive org.jspecify;
    requires tools.jackson.databind;
    requires transitive dev.corten.model;
}
