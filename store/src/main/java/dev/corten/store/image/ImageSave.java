package dev.corten.store.image;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarWriter;
import dev.corten.model.Digest;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.document.Json;
import dev.corten.store.snapshot.ChainId;
import dev.corten.store.snapshot.Layer;
import dev.corten.store.snapshot.Layers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes images as one archive that all of Docker's versions load, and everybody who reads OCI image
/// layouts: as `docker save` since version 25.
///
/// The layers in it are plain tars, each once. What is written is known before the first byte goes
/// out; only the layers themselves are read while they are written.
public final class ImageSave {
    private static final String BLOBS = "blobs/sha256/";

    private final Images images;
    private final Layers layers;
    private final LayerArchive archive;

    /// Members of `blobs/sha256/` by their name, which is how they are sorted.
    private final SortedMap<String, Member> blobs = new TreeMap<>();

    private final ArrayNode manifestJson = Json.MAPPER.createArrayNode();
    private final ArrayNode index = Json.MAPPER.createArrayNode();
    private final SortedMap<String, SortedMap<String, String>> repositories = new TreeMap<>();

    /// An image of the archive.
    ///
    /// @param names with which it is saved; each has a tag
    public record Saved(Image image, List<Reference> names) {
        public Saved {
            names = List.copyOf(names);
        }
    }

    /// Opens what a member has.
    private interface Source {
        InputStream open() throws IOException;
    }

    private record Member(long size, Instant time, Source source) {}

    public ImageSave(Images images, Layers layers, LayerArchive archive) {
        this.images = images;
        this.layers = layers;
        this.archive = archive;
    }

    /// Once for each archive.
    ///
    /// @param out stays open
    public void write(List<Saved> all, OutputStream out) throws IOException {
        var items = new HashMap<Digest, ObjectNode>();
        for (Saved saved : all) {
            items.put(saved.image().id(), add(saved));
        }
        // A parent is told only if it is in the archive too.
        for (Saved saved : all) {
            ObjectNode item = items.get(saved.image().id());
            Optional<Digest> parent = saved.image().parent().filter(items::containsKey);
            if (item != null && parent.isPresent()) {
                addParent(item, parent.get());
            }
        }
        write(new TarWriter(out));
    }

    private static void addParent(ObjectNode item, Digest parent) {
        JsonNode sources = item.remove("LayerSources");
        item.put("Parent", parent.toString());
        item.set("LayerSources", sources);
    }

    // --- one image

    private ObjectNode add(Saved saved) throws IOException {
        Image image = saved.image();
        Instant time = image.created().orElse(Instant.EPOCH);
        byte[] config = images.configBytes(image.id());
        blob(image.id(), config, time);
        ArrayNode layerList = Json.MAPPER.createArrayNode();
        ArrayNode paths = Json.MAPPER.createArrayNode();
        var sources = new TreeMap<String, ObjectNode>();
        List<Digest> chain = ChainId.of(image.diffIds());
        for (int i = 0; i < chain.size(); i++) {
            Layer layer = layers.chain(chain.get(i)).getFirst();
            LayerArchive.Plain plain = archive.plain(layer);
            String hex = layer.diffId().hex();
            blobs.putIfAbsent(hex, new Member(plain.size(), time, plain::open));
            paths.add(BLOBS + hex);
            layerList.add(descriptor(MediaTypes.OCI_LAYER, layer.diffId(), plain.size()));
            ObjectNode source = Json.MAPPER.createObjectNode();
            source.put("mediaType", MediaTypes.OCI_LAYER);
            source.put("size", plain.size());
            source.put("digest", layer.diffId().toString());
            sources.put(layer.diffId().toString(), source);
        }
        new LegacyConfigs(image.diffIds(), image.platform().os(), config)
                .documents()
                .forEach((digest, bytes) -> blob(digest, bytes, time));
        describe(saved, layerList, config.length);

        ObjectNode item = manifestJson.addObject();
        item.put("Config", BLOBS + image.id().hex());
        if (saved.names().isEmpty()) {
            item.putNull("RepoTags");
        } else {
            ArrayNode tags = item.putArray("RepoTags");
            saved.names().forEach(name -> tags.add(name.familiar()));
        }
        item.set("Layers", paths);
        ObjectNode sourceNode = item.putObject("LayerSources");
        sources.forEach(sourceNode::set);
        return item;
    }

    private void blob(Digest digest, byte[] bytes, Instant time) {
        blobs.put(
                digest.hex(),
                new Member(bytes.length, time, () -> new ByteArrayInputStream(bytes)));
    }

    private static ObjectNode descriptor(String mediaType, Digest digest, long size) {
        ObjectNode node = Json.MAPPER.createObjectNode();
        node.put("mediaType", mediaType);
        node.put("digest", digest.toString());
        node.put("size", size);
        return node;
    }

    /// The image's manifest, and its entries in the index and the list of repositories.
    private void describe(Saved saved, ArrayNode layerList, long configSize) {
        Image image = saved.image();
        ObjectNode manifest = Json.MAPPER.createObjectNode();
        manifest.put("schemaVersion", 2);
        manifest.put("mediaType", MediaTypes.OCI_MANIFEST);
        ObjectNode config = descriptor(MediaTypes.OCI_CONFIG, image.id(), configSize);
        manifest.set("config", config);
        manifest.set("layers", layerList);
        byte[] bytes = Json.MAPPER.writeValueAsBytes(manifest);
        Digest digest = Digest.of(bytes);
        blob(digest, bytes, Instant.EPOCH);

        List<Optional<Reference>> entries = new ArrayList<>();
        saved.names().forEach(name -> entries.add(Optional.of(name)));
        if (entries.isEmpty()) {
            entries.add(Optional.empty());
        }
        for (Optional<Reference> entry : entries) {
            ObjectNode node = descriptor(MediaTypes.OCI_MANIFEST, digest, bytes.length);
            entry.ifPresent(name -> annotate(node, name, image));
            index.add(node);
        }
    }

    private void annotate(ObjectNode node, Reference name, Image image) {
        String tag = name.tag().orElse(Reference.DEFAULT_TAG);
        ObjectNode annotations = node.putObject("annotations");
        annotations.put(ArchiveIndex.NAME, name.toString());
        annotations.put(ArchiveIndex.REF_NAME, tag);
        if (!image.diffIds().isEmpty()) {
            repositories
                    .computeIfAbsent(name.familiarRepository(), _ -> new TreeMap<>())
                    .put(tag, image.diffIds().getLast().hex());
        }
    }

    // --- the archive

    private void write(TarWriter tar) throws IOException {
        Instant newest =
                blobs.values().stream()
                        .map(Member::time)
                        .max(Instant::compareTo)
                        .orElse(Instant.EPOCH);
        tar.add(TarEntry.directory("blobs/", 0755).withMtime(newest));
        tar.add(TarEntry.directory(BLOBS, 0755).withMtime(newest));
        for (Map.Entry<String, Member> blob : blobs.entrySet()) {
            Member member = blob.getValue();
            TarEntry entry =
                    TarEntry.file(BLOBS + blob.getKey(), 0644, member.size())
                            .withMtime(Instant.ofEpochSecond(member.time().getEpochSecond()));
            try (InputStream in = member.source().open()) {
                tar.add(entry, in);
                if (in.read() >= 0) {
                    throw new IOException(blob.getKey() + " is longer than it was");
                }
            }
        }
        ObjectNode indexJson = Json.MAPPER.createObjectNode();
        indexJson.put("schemaVersion", 2);
        indexJson.put("mediaType", MediaTypes.OCI_INDEX);
        indexJson.set("manifests", index);
        document(tar, "index.json", Json.MAPPER.writeValueAsBytes(indexJson));
        document(tar, "manifest.json", line(manifestJson));
        document(
                tar,
                "oci-layout",
                "{\"imageLayoutVersion\": \"1.0.0\"}".getBytes(StandardCharsets.US_ASCII));
        if (!repositories.isEmpty()) {
            document(tar, "repositories", line(repositories));
        }
        tar.finish();
    }

    private static byte[] line(Object value) {
        return (Json.MAPPER.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static void document(TarWriter tar, String name, byte[] bytes) throws IOException {
        tar.add(TarEntry.file(name, 0644, bytes.length), bytes);
    }
}
