package dev.corten.store.image;

import dev.corten.archive.Compression;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.Store;
import dev.corten.store.content.Content;
import dev.corten.store.document.Manifest;
import dev.corten.store.image.Images.PlatformImage;
import dev.corten.store.image.Images.StoredManifest;
import dev.corten.store.snapshot.ChainId;
import dev.corten.store.snapshot.Layer;
import dev.corten.store.snapshot.Layers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes of an image another form of the same: layers that are compressed in another way. Its
/// configuration, and so its ID, stays; its manifest is another one, under a name of its own.
///
/// The same image gives the same manifest, always. For one thread; of several conversions at once
/// each has its own.
public final class ImageConversion implements AutoCloseable {
    private final Store store;
    private final Images images;
    private final Content content;
    private final LayerForm form;
    private final Words words;
    private final List<Layers.Pin> pins = new ArrayList<>();
    private final List<Content.Hold> holds = new ArrayList<>();
    private final List<Content.Ingest> arriving = new ArrayList<>();

    /// By diff ID: images often have a layer more than once, and share them.
    private final Map<Digest, Descriptor> packed = new HashMap<>();

    /// Whose media types the manifest has.
    public enum Words {
        /// The source's, where they have a word for it.
        KEEP,
        OCI
    }

    /// @param form what the layers shall be
    public ImageConversion(Store store, LayerForm form, Words words) {
        this.words = words;
        this.store = store;
        this.images = store.images();
        this.content = store.content();
        this.form = form;
    }

    /// Which of the images under a name are converted.
    public sealed interface Selection {
        /// The one of a platform.
        record One(Platform platform) implements Selection {}

        /// The one that the name means here.
        record Usual() implements Selection {}

        /// All of an index; without one, the only one.
        record All() implements Selection {}
    }

    /// Converts, and gives the result a name, all at once at the end.
    ///
    /// @param target without a digest; `latest` unless it has a tag
    /// @return what the name stands for now
    /// @throws NotFound in Docker's words, or if an image that is wanted is not here
    public Descriptor convert(String source, Reference target, Selection selection)
            throws IOException {
        if (target.digest().isPresent()) {
            throw new InvalidParameter("refusing to create a tag with a digest reference");
        }
        Image image = images.get(source);
        List<PlatformImage> members = images.index(source);
        return switch (selection) {
            case Selection.All() when !members.isEmpty() -> all(image, members, target);
            case Selection.All(), Selection.Usual() ->
                    commit(image, one(image, original(source, image)), target);
            case Selection.One(Platform platform) -> {
                Image chosen =
                        images.find(source, platform)
                                .orElseThrow(() ->
                                        new NotFound(
                                                "image with reference "
                                                        + source
                                                        + " was found but its platform ("
                                                        + image.platform()
                                                        + ") does not match the specified"
                                                        + " platform ("
                                                        + platform
                                                        + ")"));
                yield commit(chosen, one(chosen, original(source, chosen)), target);
            }
        };
    }

    /// The manifest that the source stands for, of one image.
    private Optional<Manifest.OfImage> original(String source, Image image) {
        Optional<Descriptor> target = images.targetOf(source);
        if (target.isEmpty()) {
            return Optional.empty();
        }
        Optional<StoredManifest> stored =
                Manifest.isIndex(target.get().mediaType())
                        ? images.member(target.get(), image.id())
                        : images.document(target.get().digest());
        return stored.flatMap(ImageConversion::parsed);
    }

    private static Optional<Manifest.OfImage> parsed(StoredManifest stored) {
        Descriptor descriptor = stored.descriptor();
        return Manifest.parse(
                                "manifest " + descriptor.digest(),
                                descriptor.mediaType(),
                                stored.bytes())
                        instanceof Manifest.OfImage document
                ? Optional.of(document)
                : Optional.empty();
    }

    // --- one image

    private StoredManifest one(Image image, Optional<Manifest.OfImage> original)
            throws IOException {
        List<Digest> chain = ChainId.of(image.diffIds());
        Optional<Manifest.OfImage> known =
                original.filter(it -> it.layers().size() == chain.size());
        var blobs = new ArrayList<Descriptor>();
        for (int i = 0; i < chain.size(); i++) {
            int at = i;
            blobs.add(layer(chain.get(i), known.map(it -> it.layers().get(at))));
        }
        byte[] config = images.configBytes(image.id());
        boolean oci =
                words == Words.OCI
                        || form.needsOci()
                        || original.map(it -> it.mediaType().equals(MediaTypes.OCI_MANIFEST))
                                .orElse(false)
                        || blobs.stream()
                                .anyMatch(it -> it.mediaType().equals(MediaTypes.OCI_LAYER_ZSTD));
        return keep(
                ConvertedText.manifest(
                        oci,
                        Descriptor.of(MediaTypes.OCI_CONFIG, image.id(), config.length),
                        blobs,
                        original.map(Manifest.OfImage::annotations).orElse(Map.of())));
    }

    private Descriptor layer(Digest chainId, Optional<Descriptor> original) throws IOException {
        if (original.filter(it -> MediaTypes.isForeign(it.mediaType())).isPresent()) {
            return original.get(); // who may not distribute it as it was, may not so either
        }
        pins.add(
                store.layers()
                        .pin(chainId)
                        .orElseThrow(() -> new NotFound("No such layer: " + chainId)));
        Layer layer = store.layers().find(chainId).orElseThrow();
        Descriptor blob = packed.get(layer.diffId());
        if (blob == null) {
            blob = pack(layer);
            packed.put(layer.diffId(), blob);
        }
        return new Descriptor(
                blob.mediaType(),
                blob.digest(),
                blob.size(),
                Optional.empty(),
                original.map(Descriptor::annotations).orElse(Map.of()),
                List.of(),
                "");
    }

    private Descriptor pack(Layer layer) throws IOException {
        return switch (form) {
            case LayerForm.AsItIs() -> {
                Descriptor blob = store.layerArchive().blob(layer);
                holds.add(content.hold(List.of(blob.digest())));
                yield blob;
            }
            case LayerForm.Packed packing -> {
                Optional<Descriptor> there = asItCame(layer, packing);
                yield there.isPresent() ? there.get() : pack(layer, packing);
            }
        };
    }

    /// Nothing is gained by compressing once more in the same way, unless a level is asked for.
    private Optional<Descriptor> asItCame(Layer layer, LayerForm.Packed packing)
            throws IOException {
        if (packing.level().isPresent() || layer.blob().isEmpty()) {
            return Optional.empty();
        }
        Digest blob = layer.blob().get();
        holds.add(content.hold(List.of(blob)));
        if (!content.contains(blob)) {
            return Optional.empty();
        }
        try (InputStream in = content.read(blob)) {
            byte[] head = in.readNBytes(Compression.MAGIC_LENGTH);
            return Compression.detect(head, head.length) == packing.compression()
                    ? Optional.of(Descriptor.of(packing.mediaType(), blob, content.size(blob)))
                    : Optional.empty();
        }
    }

    private Descriptor pack(Layer layer, LayerForm.Packed packing) throws IOException {
        Content.Ingest ingest = content.ingest();
        arriving.add(ingest);
        try (InputStream plain = store.layerArchive().plain(layer).open()) {
            Descriptor blob = packing.write(plain, ingest.out());
            ingest.verified(blob.digest(), blob.digest());
            return blob;
        }
    }

    // --- several

    private Descriptor all(Image named, List<PlatformImage> members, Reference target)
            throws IOException {
        var manifests = new ArrayList<Descriptor>();
        var made = new HashMap<Digest, Digest>();
        var blobs = new HashSet<Digest>();
        for (PlatformImage member : members) {
            if (member.manifest().platform().filter(it -> it.os().equals("unknown")).isPresent()) {
                continue; // an attestation, of a manifest that this index will not have
            }
            Image image =
                    member.image()
                            .flatMap(images::find)
                            .orElseThrow(() ->
                                    new NotFound(
                                            "cannot convert all platforms: the image for "
                                                    + member.manifest()
                                                            .platform()
                                                            .map(Platform::toString)
                                                            .orElse("an unknown platform")
                                                    + " is not here, pull it with --platform"));
            StoredManifest converted =
                    one(
                            image,
                            images.document(member.manifest().digest())
                                    .flatMap(ImageConversion::parsed));
            made.put(converted.descriptor().digest(), image.id());
            blobs.addAll(layers(converted));
            manifests.add(
                    new Descriptor(
                            converted.descriptor().mediaType(),
                            converted.descriptor().digest(),
                            converted.descriptor().size(),
                            member.manifest().platform(),
                            member.manifest().annotations(),
                            List.of(),
                            ""));
        }
        Descriptor index = keep(ConvertedText.index(manifests)).descriptor();
        commit(named, index, new Repositories.Made(made, blobs), target);
        return index;
    }

    // --- the end

    private StoredManifest keep(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Digest digest = Digest.of(bytes);
        Content.Ingest ingest = content.ingest();
        arriving.add(ingest);
        ingest.out().write(bytes);
        ingest.verified(digest, digest);
        return new StoredManifest(
                Descriptor.of(ConvertedText.mediaType(bytes), digest, bytes.length), bytes);
    }

    private static Set<Digest> layers(StoredManifest manifest) {
        var blobs = new HashSet<Digest>();
        parsed(manifest)
                .ifPresent(document ->
                        document.layers().stream()
                                .filter(layer -> !MediaTypes.isForeign(layer.mediaType()))
                                .map(Descriptor::digest)
                                .forEach(blobs::add));
        return blobs;
    }

    private Descriptor commit(Image image, StoredManifest manifest, Reference target)
            throws IOException {
        Descriptor descriptor = manifest.descriptor();
        commit(
                image,
                descriptor,
                new Repositories.Made(Map.of(descriptor.digest(), image.id()), layers(manifest)),
                target);
        return descriptor;
    }

    private void commit(
            Image image, Descriptor descriptor, Repositories.Made made, Reference target)
            throws IOException {
        try (var _ = content.publish(arriving)) {
            store.durable().syncFileSystem(store.layout().dataRoot());
            images.nameMade(image.id(), target.orLatest(), descriptor, made);
        }
    }

    /// Discards what has not got a name.
    @Override
    public void close() throws IOException {
        holds.forEach(Content.Hold::close);
        pins.forEach(Layers.Pin::close);
        for (Content.Ingest ingest : arriving) {
            ingest.close();
        }
    }
}
