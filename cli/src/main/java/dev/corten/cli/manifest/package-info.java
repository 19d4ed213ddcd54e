/// `manifest`: lists of images for several platforms, made here and put into a registry, in the
/// files that Docker's command line shares ([ManifestStore]). The daemon speaks to the registries
/// ([RemoteManifests]).
@org.jspecify.annotations.NullMarked
package dev.corten.cli.manifest;
