package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/// An OCI image layout in a tar archive, as `skopeo copy … oci-archive:` and `buildctl` write it,
/// put together piece by piece, so that a test can leave one out or falsify it.
final class OciLayout {
    private static final String TYPES = "application/vnd.oci.image.";

    private final Map<String, byte[]> blobs = new LinkedHashMap<>();
    private final List<String> index = new ArrayList<>();

    /// A blob, under the digest that it has or under a wrong one.
    String blob(byte[] content) {
        String digest = "sha256:" + Image.sha256(content);
        blobs.put(digest, content);
        return digest;
    }

    void falsify(String digest, byte[] content) {
        blobs.put(digest, content);
    }

    void leaveOut(String digest) {
        blobs.remove(digest);
    }

    String document(String type, String json) {
        return descriptor(type, json.getBytes(UTF_8));
    }

    /// Adds a blob.
    ///
    /// @param type what its media type ends in
    /// @return its descriptor, without the brace at its end
    String descriptor(String type, byte[] content) {
        return "{\"mediaType\":\"%s%s\",\"digest\":\"%s\",\"size\":%d"
                .formatted(TYPES, type, blob(content), content.length);
    }

    /// Adds a manifest.
    ///
    /// @param layers closed descriptors
    /// @return its descriptor, not closed
    String manifest(String config, List<String> layers) {
        return document(
                "manifest.v1+json",
                """
                {"schemaVersion":2,"mediaType":"%smanifest.v1+json","config":%s,"layers":[%s],\
                "annotations":{"org.example.made":"by hand"}}\
                """
                        .formatted(
                                TYPES,
                                document("config.v1+json", config) + "}",
                                String.join(",", layers)));
    }

    /// Adds an index.
    ///
    /// @param manifests closed descriptors
    /// @return its descriptor, not closed
    String indexOf(List<String> manifests) {
        return document(
                "index.v1+json",
                """
                {"schemaVersion":2,"mediaType":"%sindex.v1+json","manifests":[%s]}\
                """
                        .formatted(TYPES, String.join(",", manifests)));
    }

    /// Puts a closed descriptor into `index.json`.
    void add(String descriptor) {
        index.add(descriptor);
    }

    /// One gzipped layer and a plain one.
    ///
    /// @return the descriptors of both
    List<String> layers(byte[] gzipped, byte[] plain) {
        return List.of(
                descriptor("layer.v1.tar+gzip", gzip(gzipped)) + "}",
                descriptor("layer.v1.tar", plain) + "}");
    }

    static byte[] gzip(byte[] content) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /// @param config members of `config`
    /// @param diffs the plain layers
    static String configuration(String architecture, String config, byte[]... diffs) {
        var ids = new ArrayList<String>();
        for (byte[] diff : diffs) {
            ids.add("\"sha256:" + Image.sha256(diff) + "\"");
        }
        return """
        {"created":"2026-02-03T04:05:06Z","author":"somebody","architecture":"%s","os":"linux",\
        "config":{%s},"rootfs":{"type":"layers","diff_ids":[%s]},\
        "history":[{"created_by":"by hand"},{"created_by":"and once more"}]}\
        """
                .formatted(architecture, config, String.join(",", ids));
    }

    byte[] archive() {
        var tar = new Tar();
        tar.file("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
        blobs.forEach((digest, content) ->
                tar.file("blobs/sha256/" + digest.substring("sha256:".length()), content, 0644));
        tar.file(
                "index.json",
                "{\"schemaVersion\":2,\"manifests\":[%s]}".formatted(String.join(",", index)));
        return tar.bytes();
    }
}
