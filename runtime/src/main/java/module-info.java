/// OCI specification to running container.
module dev.corten.runtime {
    requires static transitive org.jspecify;
    requires transitive dev.corten.kernel;
    requires transitive dev.corten.model;
    requires tools.jackson.core;

    exports dev.corten.runtime;
    exports dev.corten.runtime.command;
}
