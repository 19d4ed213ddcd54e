/// Values that every module speaks.
module dev.corten.model {
    requires static transitive org.jspecify;

    exports dev.corten.model;
    exports dev.corten.model.container;
    exports dev.corten.model.image;
    exports dev.corten.model.oci;
}
