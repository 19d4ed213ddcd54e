/// Dockerfiles, and the graph that is solved to build what they say.
module dev.corten.build {
    requires dev.corten.archive;
    requires transitive dev.corten.kernel;
    requires transitive dev.corten.store;
    requires static transitive org.jspecify;
    requires transitive dev.corten.model;

    exports dev.corten.build.cache;
    exports dev.corten.build.check;
    exports dev.corten.build.context;
    exports dev.corten.build.dockerfile;
    exports dev.corten.build.file;
    exports dev.corten.build.front;
    exports dev.corten.build.graph;
    exports dev.corten.build.solve;
    exports dev.corten.build.step;
    exports dev.corten.build.work;
}
