/// OCI specification to running container.
module dev.corten.runtime {
    requires dev.corten.kernel;
    requires static transitive org.jspecify;
    requires transitive dev.corten.model;
}
