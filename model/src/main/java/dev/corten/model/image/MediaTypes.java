package dev.corten.model.image;

/// Media types of the OCI image specification and of Docker's image manifest version 2, schema 2.
public final class MediaTypes {
    public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
    public static final String OCI_EMPTY = "application/vnd.oci.empty.v1+json";
    public static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
    public static final String OCI_LAYER_GZIP = OCI_LAYER + "+gzip";
    public static final String OCI_LAYER_ZSTD = OCI_LAYER + "+zstd";

    /// Before the names of layers that a registry need not have; deprecated, still met.
    public static final String OCI_FOREIGN_PREFIX =
            "application/vnd.oci.image.layer.nondistributable.v1.tar";

    public static final String DOCKER_LIST =
            "application/vnd.docker.distribution.manifest.list.v2+json";
    public static final String DOCKER_MANIFEST =
            "application/vnd.docker.distribution.manifest.v2+json";
    public static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
    public static final String DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    public static final String DOCKER_FOREIGN_LAYER =
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

    /// Schema 1, signed and plain: read for old images, never written.
    public static final String DOCKER_SCHEMA_1 =
            "application/vnd.docker.distribution.manifest.v1+prettyjws";

    public static final String DOCKER_SCHEMA_1_UNSIGNED =
            "application/vnd.docker.distribution.manifest.v1+json";

    private MediaTypes() {}

    /// Whether it is a layer that may have to be fetched from the URLs of its descriptor.
    public static boolean isForeign(String mediaType) {
        return mediaType.equals(DOCKER_FOREIGN_LAYER) || mediaType.startsWith(OCI_FOREIGN_PREFIX);
    }
}
