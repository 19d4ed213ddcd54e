package dev.corten.engine.build.output;

import dev.corten.archive.TarEntry;
import dev.corten.model.Digest;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.document.Json;
import dev.corten.store.image.Images.StoredManifest;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Documents of what is kept in the manner of images and is none.
public final class LayoutDocuments {
    private static final String BLOBS = "blobs/sha256/";

    private LayoutDocuments() {}

    /// The manifest of an exported cache.
    ///
    /// @param diffIds in the order of the layers
    /// @param layers by their diff IDs
    public static StoredManifest cache(
            String configType,
            byte[] config,
            List<Digest> diffIds,
            Map<Digest, Descriptor> layers) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("schemaVersion", 2);
        json.put("mediaType", MediaTypes.OCI_MANIFEST);
        Documents.write(
                json.putObject("config"),
                configType,
                Descriptor.of(configType, Digest.of(config), config.length));
        ArrayNode array = json.putArray("layers");
        for (Digest diffId : diffIds) {
            Descriptor layer = layers.get(diffId);
            if (layer == null) {
                throw new IllegalStateException("no blob for " + diffId);
            }
            Documents.write(
                    array.addObject(),
                    layer.mediaType(),
                    Documents.described(
                            layer,
                            Optional.empty(),
                            Map.of("containerd.io/uncompressed", diffId.toString())));
        }
        return Documents.stored(MediaTypes.OCI_MANIFEST, GoJson.compact(json));
    }

    /// A layout with one manifest, as a tar.
    public static InputStream archive(
            StoredManifest manifest,
            byte[] config,
            Collection<Descriptor> layers,
            LayerBlobs blobs,
            String tag) {
        var all = new TreeMap<String, ArchiveTar.Member>();
        for (byte[] document : List.of(manifest.bytes(), config)) {
            String name = BLOBS + Digest.of(document).hex();
            all.put(name, ArchiveTar.Member.file(name, 0444, document));
        }
        for (Descriptor layer : layers) {
            String name = BLOBS + layer.digest().hex();
            all.put(
                    name,
                    new ArchiveTar.Member(
                            TarEntry.file(name, 0444, layer.size()),
                            () -> blobs.open(layer.digest())));
        }
        var members = new ArrayList<ArchiveTar.Member>();
        members.add(ArchiveTar.Member.directory("blobs/"));
        members.add(ArchiveTar.Member.directory(BLOBS));
        members.addAll(all.values());
        Descriptor named =
                Documents.described(
                        manifest.descriptor(),
                        Optional.empty(),
                        Map.of("org.opencontainers.image.ref.name", tag));
        members.add(
                ArchiveTar.Member.file("index.json", 0644, Documents.layoutIndex(List.of(named))));
        members.add(
                ArchiveTar.Member.file(
                        "oci-layout",
                        0444,
                        "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.US_ASCII)));
        return new ArchiveTar(members);
    }
}
