package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/// An image as registries have it: layers compressed, a configuration, a manifest. It is made here, so
/// that a test knows each byte.
final class Published {
    static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
    static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
    static final String DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
    static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";

    /// @param diff the SHA-256 of what is in it
    record Layer(String type, byte[] blob, String diff) {
        String digest() {
            return "sha256:" + Image.sha256(blob);
        }

        String descriptor() {
            return Published.descriptor(type, digest(), blob.length);
        }
    }

    private final List<Layer> layers = new ArrayList<>();
    private final List<String> history = new ArrayList<>();
    private String config = "";
    private String architecture = Image.architecture();
    private boolean oci;

    /// In the order of members in which most programs write them, so that they find nothing to change.
    static String descriptor(String type, String digest, long size) {
        if (type.contains("vnd.oci.")) {
            return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                    .formatted(type, digest, size);
        }
        return "{\"mediaType\":\"%s\",\"size\":%d,\"digest\":\"%s\"}".formatted(type, size, digest);
    }

    /// One that runs, with a layer of so many bytes of noise for each number.
    static Published noise(long seed, int... sizes) {
        var made = new Published().layer(Image.busyboxLayer()).config("\"Cmd\":[\"sh\"]");
        for (int i = 0; i < sizes.length; i++) {
            made.layer(noiseLayer(seed * 1000 + i, sizes[i]));
        }
        return made;
    }

    static byte[] noiseLayer(long seed, int size) {
        byte[] content = new byte[size];
        new Random(seed).nextBytes(content);
        return new Tar().directory("n", 0755).file("n/" + seed, content, 0644).bytes();
    }

    Published oci() {
        oci = true;
        return this;
    }

    Published architecture(String name) {
        architecture = name;
        return this;
    }

    /// Gzip.
    Published layer(byte[] tar) {
        return layer(new Layer(DOCKER_LAYER, OciLayout.gzip(tar), Image.sha256(tar)));
    }

    Published layer(Layer layer) {
        layers.add(layer);
        history("/bin/sh -c #(nop) ADD file:" + layer.diff() + " in / ", false);
        return this;
    }

    /// Members of the configuration's `config` object.
    Published config(String members) {
        config = members;
        return this;
    }

    /// An instruction that made no layer.
    Published history(String createdBy) {
        return history(createdBy, true);
    }

    private Published history(String createdBy, boolean empty) {
        history.add(
                "{\"created\":\"2026-01-01T00:00:00Z\",\"created_by\":\"%s\"%s}"
                        .formatted(
                                createdBy.replace("\"", "\\\""),
                                empty ? ",\"empty_layer\":true" : ""));
        return this;
    }

    List<Layer> layers() {
        return layers.stream()
                .map(layer ->
                        oci && layer.type().equals(DOCKER_LAYER)
                                ? new Layer(OCI_LAYER + "+gzip", layer.blob(), layer.diff())
                                : layer)
                .toList();
    }

    /// Bytes of all layers, as they are transferred.
    long size() {
        return layers.stream().mapToLong(layer -> layer.blob().length).sum();
    }

    String configuration() {
        String diffs =
                layers.stream()
                        .map(layer -> "\"sha256:" + layer.diff() + "\"")
                        .collect(Collectors.joining(","));
        return """
        {"architecture":"%s","os":"linux","created":"2026-01-01T00:00:00Z",\
        "docker_version":"28.5.2","config":{%s},"history":[%s],\
        "rootfs":{"type":"layers","diff_ids":[%s]}}\
        """
                .formatted(architecture, config, String.join(",", history), diffs);
    }

    /// By which an engine knows it.
    String id() {
        return "sha256:" + Image.sha256(configuration().getBytes(UTF_8));
    }

    String manifestType() {
        return oci ? OCI_MANIFEST : DOCKER_MANIFEST;
    }

    String manifest() {
        byte[] bytes = configuration().getBytes(UTF_8);
        return manifest(
                descriptor(oci ? OCI_CONFIG : DOCKER_CONFIG, id(), bytes.length),
                layers().stream().map(Layer::descriptor).toList());
    }

    /// One of these descriptors, true or not.
    String manifest(String config, List<String> layers) {
        return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                .formatted(manifestType(), config, String.join(",", layers));
    }

    String digest() {
        return "sha256:" + Image.sha256(manifest().getBytes(UTF_8));
    }

    /// As an index has it.
    String platformDescriptor() {
        String descriptor = descriptor(manifestType(), digest(), manifest().getBytes(UTF_8).length);
        return descriptor.substring(0, descriptor.length() - 1)
                + ",\"platform\":{\"architecture\":\""
                + architecture
                + "\",\"os\":\"linux\"}}";
    }

    /// An index, or a list in Docker's older words.
    static String index(boolean oci, List<String> descriptors) {
        return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                .formatted(oci ? OCI_INDEX : DOCKER_LIST, String.join(",", descriptors));
    }

    /// @return the digest of its manifest
    String publish(RegistryApi registry, String repository, String reference) {
        registry.pushBlob(repository, configuration().getBytes(UTF_8));
        for (Layer layer : layers) {
            registry.pushBlob(repository, layer.blob());
        }
        return registry.pushManifest(repository, reference, manifestType(), manifest());
    }

    /// For several platforms under one name.
    ///
    /// @return the digest of the index
    static String publish(
            RegistryApi registry, String repository, String reference, Published... images) {
        var descriptors = new ArrayList<String>();
        for (Published image : images) {
            image.publish(registry, repository, image.digest());
            descriptors.add(image.platformDescriptor());
        }
        boolean oci = images[0].oci;
        return registry.pushManifest(
                repository, reference, oci ? OCI_INDEX : DOCKER_LIST, index(oci, descriptors));
    }
}
