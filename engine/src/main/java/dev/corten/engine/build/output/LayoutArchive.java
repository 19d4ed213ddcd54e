package dev.corten.engine.build.output;

import dev.corten.archive.TarEntry;
import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.store.document.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A result as an archive of OCI's image layout, with Docker's `manifest.json` if that is wanted.
/// Times and owners are zero, members are in the order of their names.
final class LayoutArchive {
    private static final String BLOBS = "blobs/sha256/";

    private final Composition composition;
    private final List<Reference> names;
    private final Annotations annotations;
    private final SortedMap<String, ArchiveTar.Member> blobs = new TreeMap<>();

    private LayoutArchive(Composition composition, List<Reference> names, Annotations annotations) {
        this.composition = composition;
        this.names = names;
        this.annotations = annotations;
    }

    /// @param created when the image was made, for its annotation
    /// @param docker whether older versions of Docker shall find the image too
    static ArchiveTar of(
            Composition composition,
            LayerBlobs layers,
            List<Reference> names,
            Annotations annotations,
            Instant created,
            boolean docker) {
        var archive = new LayoutArchive(composition, names, annotations);
        archive.collect(layers);
        var members = new ArrayList<ArchiveTar.Member>();
        members.add(ArchiveTar.Member.directory("blobs/"));
        members.add(ArchiveTar.Member.directory(BLOBS));
        members.addAll(archive.blobs.values());
        members.add(ArchiveTar.Member.file("index.json", 0644, archive.index(created)));
        if (docker) {
            members.add(ArchiveTar.Member.file("manifest.json", 0644, archive.manifestJson()));
        }
        members.add(
                ArchiveTar.Member.file(
                        "oci-layout",
                        0444,
                        "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.US_ASCII)));
        return new ArchiveTar(members);
    }

    private void collect(LayerBlobs layers) {
        for (Composition.Member image : composition.images()) {
            document(image.config());
            document(image.manifest().bytes());
            for (Descriptor layer : image.layers()) {
                String name = BLOBS + layer.digest().hex();
                blobs.put(
                        name,
                        new ArchiveTar.Member(
                                TarEntry.file(name, 0444, layer.size()),
                                () -> layers.open(layer.digest())));
            }
        }
        document(composition.target().bytes());
        composition.attestations().forEach(it -> document(it.bytes()));
        composition.blobs().values().forEach(this::document);
    }

    private void document(byte[] bytes) {
        String name = BLOBS + Digest.of(bytes).hex();
        blobs.put(name, ArchiveTar.Member.file(name, 0444, bytes));
    }

    private byte[] index(Instant created) {
        Descriptor target = composition.target().descriptor();
        Platform first = composition.images().getFirst().result().platform();
        Optional<Platform> platform = composition.isIndex() ? Optional.empty() : Optional.of(first);
        var common =
                new TreeMap<>(
                        composition.isIndex()
                                ? annotations.indexDescriptor()
                                : annotations.manifestDescriptor(first));
        common.put(
                "org.opencontainers.image.created",
                created.truncatedTo(ChronoUnit.SECONDS).toString());
        var entries = new ArrayList<Descriptor>();
        for (Reference name : names) {
            var own = new TreeMap<>(common);
            own.put("io.containerd.image.name", name.toString());
            name.tag().ifPresent(tag -> own.put("org.opencontainers.image.ref.name", tag));
            entries.add(Documents.described(target, platform, own));
        }
        if (entries.isEmpty()) {
            entries.add(Documents.described(target, platform, common));
        }
        return Documents.layoutIndex(entries);
    }

    private byte[] manifestJson() {
        Composition.Member image = composition.images().getFirst();
        ArrayNode json = Json.MAPPER.createArrayNode();
        ObjectNode item = json.addObject();
        item.put("Config", BLOBS + Digest.of(image.config()).hex());
        if (names.isEmpty()) {
            item.putNull("RepoTags");
        } else {
            ArrayNode tags = item.putArray("RepoTags");
            names.forEach(name -> tags.add(name.familiar()));
        }
        ArrayNode layers = item.putArray("Layers");
        image.layers().forEach(layer -> layers.add(BLOBS + layer.digest().hex()));
        return GoJson.compact(json);
    }
}
