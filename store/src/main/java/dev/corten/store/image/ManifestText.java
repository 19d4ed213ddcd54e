package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.image.Images.StoredManifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Manifests of images that were made here, written as Docker writes them: the same image and layers
/// have the same digest wherever they are pushed from.
final class ManifestText {
    private ManifestText() {}

    static StoredManifest of(Descriptor config, List<OutgoingImage.Part> layers)
            throws IOException {
        var blobs = new ArrayList<Descriptor>();
        for (OutgoingImage.Part layer : layers) {
            blobs.add(layer.descriptor());
        }
        // Schema 2 has no name for layers that are compressed by anything but gzip.
        boolean docker =
                blobs.stream().allMatch(b -> b.mediaType().equals(MediaTypes.OCI_LAYER_GZIP));
        String type = docker ? MediaTypes.DOCKER_MANIFEST : MediaTypes.OCI_MANIFEST;
        var text = new StringBuilder("{\n   \"schemaVersion\": 2,\n");
        text.append("   \"mediaType\": \"").append(type).append("\",\n   \"config\": {\n");
        write(text, "      ", docker ? MediaTypes.DOCKER_CONFIG : MediaTypes.OCI_CONFIG, config);
        text.append("   },\n   \"layers\": [");
        String separator = "\n";
        for (Descriptor blob : blobs) {
            text.append(separator).append("      {\n");
            write(text, "         ", docker ? MediaTypes.DOCKER_LAYER : blob.mediaType(), blob);
            text.append("      }");
            separator = ",\n";
        }
        text.append(blobs.isEmpty() ? "]\n}" : "\n   ]\n}");
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        return new StoredManifest(Descriptor.of(type, Digest.of(bytes), bytes.length), bytes);
    }

    private static void write(
            StringBuilder text, String indent, String mediaType, Descriptor blob) {
        text.append(indent).append("\"mediaType\": \"").append(mediaType).append("\",\n");
        text.append(indent).append("\"size\": ").append(blob.size()).append(",\n");
        text.append(indent).append("\"digest\": \"").append(blob.digest()).append("\"\n");
    }
}
