package dev.corten.store.image;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarWriter;
import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.document.Json;
import dev.corten.store.image.Images.StoredManifest;
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
/// What came from elsewhere goes as it came, to the byte: an index with all that is here of it, in
/// which older versions find the image of this host. Of what was made here the layers are plain tars.
/// Each blob is there once. What is written is known before the first byte goes out; only the layers
/// themselves are read while they are written.
public final class ImageSave {
    private static final String BLOBS = "blobs/sha256/";

    private final Images images;
    private final Layers layers;
    private final LayerArchive archive;

    /// Members of `blobs/sha256/` by their name, which is how they are sorted.
    private final SortedMap<String, Member> blobs = new TreeMap<>();

    /// What is kept from removal until the end.
    private final List<CarriedImage> carried = new ArrayList<>();

    /// Of [#manifestJson], by the image.
    private final Map<Digest, ObjectNode> items = new HashMap<>();

    private final ArrayNode manifestJson = Json.MAPPER.createArrayNode();
    private final ArrayNode index = Json.MAPPER.createArrayNode();
    private final SortedMap<String, SortedMap<String, String>> repositories = new TreeMap<>();

    /// An image of the archive.
    ///
    /// @param names with which it is saved; each has a tag
    /// @param target what these stand for: an index or a manifest; empty for an image made here
    /// @param platforms of the images that are wanted of an index; all that are here if there is none
    public record Saved(
            Image image,
            List<Reference> names,
            Optional<StoredManifest> target,
            List<Platform> platforms) {
        public Saved {
            names = List.copyOf(names);
            platforms = List.copyOf(platforms);
        }

        public Saved(Image image, List<Reference> names) {
            this(image, names, Optional.empty(), List.of());
        }

        private boolean wants(Platform platform) {
            return platforms.isEmpty()
                    || platforms.stream().anyMatch(wanted -> wanted.covers(platform));
        }
    }

    private record Member(long size, Instant time, CarriedImage.Source source) {}

    public ImageSave(Images images, Layers layers, LayerArchive archive) {
        this.images = images;
        this.layers = layers;
        this.archive = archive;
    }

    /// Once for each archive.
    ///
    /// @param out stays open
    public void write(List<Saved> all, OutputStream out) throws IOException {
        try {
            for (Saved saved : all) {
                add(saved);
            }
            addParents(all);
            write(new TarWriter(out));
        } finally {
            carried.forEach(CarriedImage::close);
        }
    }

    private void addParents(List<Saved> all) {
        // A parent is told only if it is in the archive too.
        for (Saved saved : all) {
            ObjectNode item = items.get(saved.image().id());
            Optional<Digest> parent = saved.image().parent().filter(items::containsKey);
            if (item != null && parent.isPresent()) {
                addParent(item, parent.get());
            }
        }
    }

    private static void addParent(ObjectNode item, Digest parent) {
        JsonNode sources = item.remove("LayerSources");
        item.put("Parent", parent.toString());
        if (sources != null) {
            item.set("LayerSources", sources);
        }
    }

    // --- one image

    private void add(Saved saved) throws IOException {
        Optional<CarriedImage> came =
                saved.target().isPresent()
                        ? CarriedImage.of(
                                images,
                                layers,
                                archive,
                                saved.image(),
                                saved.target().get(),
                                saved::wants)
                        : Optional.empty();
        if (came.isPresent()) {
            carried.add(came.get());
            addCarried(saved, came.get());
        } else {
            addMade(saved);
        }
    }

    private void addCarried(Saved saved, CarriedImage came) {
        Image image = saved.image();
        Instant time = image.created().orElse(Instant.EPOCH);
        came.blobs()
                .forEach((digest, blob) ->
                        blobs.putIfAbsent(
                                digest.hex(), new Member(blob.size(), time, blob.source())));
        Descriptor target = saved.target().orElseThrow().descriptor();
        Optional<Digest> top =
                came.mainLayers().isEmpty()
                        ? Optional.empty()
                        : Optional.of(came.mainLayers().getLast());
        describe(saved, target, top);
        ArrayNode paths = Json.MAPPER.createArrayNode();
        came.mainLayers().forEach(layer -> paths.add(BLOBS + layer.hex()));
        item(saved, paths);
    }

    private void addMade(Saved saved) throws IOException {
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
        describe(
                saved,
                manifest(image, layerList, config.length),
                image.diffIds().isEmpty()
                        ? Optional.empty()
                        : Optional.of(image.diffIds().getLast()));
        ObjectNode item = item(saved, paths);
        ObjectNode sourceNode = item.putObject("LayerSources");
        sources.forEach(sourceNode::set);
    }

    /// Of an image that is saved twice, by names that stand for different things, there is one, with
    /// the names of both.
    private ObjectNode item(Saved saved, ArrayNode paths) {
        ObjectNode before = items.get(saved.image().id());
        ObjectNode item = before == null ? manifestJson.addObject() : before;
        items.put(saved.image().id(), item);
        var tags = Json.MAPPER.createArrayNode();
        if (before != null && before.get("RepoTags") instanceof ArrayNode others) {
            tags.addAll(others);
        }
        saved.names().forEach(name -> tags.add(name.familiar()));
        item.put("Config", BLOBS + saved.image().id().hex());
        if (tags.isEmpty()) {
            item.putNull("RepoTags");
        } else {
            item.set("RepoTags", tags);
        }
        item.set("Layers", paths);
        item.remove("LayerSources");
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

    /// Makes the image's manifest.
    private Descriptor manifest(Image image, ArrayNode layerList, long configSize) {
        ObjectNode manifest = Json.MAPPER.createObjectNode();
        manifest.put("schemaVersion", 2);
        manifest.put("mediaType", MediaTypes.OCI_MANIFEST);
        ObjectNode config = descriptor(MediaTypes.OCI_CONFIG, image.id(), configSize);
        manifest.set("config", config);
        manifest.set("layers", layerList);
        byte[] bytes = Json.MAPPER.writeValueAsBytes(manifest);
        Digest digest = Digest.of(bytes);
        blob(digest, bytes, Instant.EPOCH);
        return Descriptor.of(MediaTypes.OCI_MANIFEST, digest, bytes.length);
    }

    /// The image's entries in the index and the list of repositories.
    private void describe(Saved saved, Descriptor target, Optional<Digest> topLayer) {
        List<Optional<Reference>> entries = new ArrayList<>();
        saved.names().forEach(name -> entries.add(Optional.of(name)));
        if (entries.isEmpty()) {
            entries.add(Optional.empty());
        }
        for (Optional<Reference> entry : entries) {
            ObjectNode node = descriptor(target.mediaType(), target.digest(), target.size());
            entry.ifPresent(name -> annotate(node, name, topLayer));
            target.platform().ifPresent(platform -> describe(node.putObject("platform"), platform));
            index.add(node);
        }
    }

    private static void describe(ObjectNode node, Platform platform) {
        node.put("architecture", platform.architecture());
        node.put("os", platform.os());
        if (!platform.variant().isEmpty()) {
            node.put("variant", platform.variant());
        }
    }

    private void annotate(ObjectNode node, Reference name, Optional<Digest> topLayer) {
        String tag = name.tag().orElse(Reference.DEFAULT_TAG);
        ObjectNode annotations = node.putObject("annotations");
        annotations.put(ArchiveIndex.NAME, name.toString());
        annotations.put(ArchiveIndex.REF_NAME, tag);
        topLayer.ifPresent(layer ->
                repositories
                        .computeIfAbsent(name.familiarRepository(), _ -> new TreeMap<>())
                        .put(tag, layer.hex()));
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
