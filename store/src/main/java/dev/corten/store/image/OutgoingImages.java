package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.content.Content;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import dev.corten.store.image.Images.StoredManifest;
import dev.corten.store.snapshot.ChainId;
import dev.corten.store.snapshot.Layer;
import dev.corten.store.snapshot.Layers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Images as they are sent elsewhere: what came from a registry goes as it came, to the byte; what
/// was made here gets a manifest and compressed layers.
public final class OutgoingImages {
    private static final int MAX_NESTING = 4;

    private final Images images;
    private final Content content;
    private final Layers layers;
    private final LayerArchive archive;

    public OutgoingImages(Images images, Content content, Layers layers, LayerArchive archive) {
        this.images = images;
        this.content = content;
        this.layers = layers;
        this.archive = archive;
    }

    /// What a name stands for. The caller closes it; until then nothing of it is removed.
    ///
    /// @param platform to send that image alone, if the name stands for several
    /// @throws NotFound in Docker's words
    public OutgoingImage of(Reference name, Optional<Platform> platform) throws IOException {
        String text = name.toString();
        Image image = images.get(text);
        if (platform.isPresent()) {
            Image named = image;
            image =
                    images.find(text, platform.get())
                            .orElseThrow(() ->
                                    new NotFound(
                                            "image with reference "
                                                    + name.familiar()
                                                    + " was found but its platform ("
                                                    + named.platform()
                                                    + ") does not match the specified platform ("
                                                    + platform.get()
                                                    + ")"));
        }
        Optional<StoredManifest> target = images.target(name);
        boolean index =
                target.filter(t -> Manifest.isIndex(t.descriptor().mediaType())).isPresent();
        if (index && platform.isEmpty()) {
            Optional<OutgoingImage> whole = whole(image.id(), target.get());
            if (whole.isPresent()) {
                return whole.get();
            }
        }
        Digest id = image.id();
        Optional<StoredManifest> own =
                index
                        ? images.member(target.get().descriptor(), id)
                                .or(() -> images.manifest(id, Optional.empty()))
                        : platform.isPresent()
                                ? target.or(() -> images.manifest(id, Optional.empty()))
                                : target;
        var outgoing = new OutgoingImage(content, image.id());
        boolean done = false;
        try {
            Optional<Parts> parts = own.flatMap(manifest -> parts(outgoing, manifest));
            if (parts.isPresent()) {
                outgoing.add(parts.get().layers(), parts.get().config());
                outgoing.end(own.get());
            } else {
                make(outgoing, image);
            }
            if (index && platform.isEmpty()) {
                outgoing.insteadOf(target.get().descriptor());
            }
            done = true;
            return outgoing;
        } finally {
            if (!done) {
                outgoing.close();
            }
        }
    }

    // ---- as it came ----------------------------------------------------------------------------

    private record Parts(List<OutgoingImage.Part> layers, Optional<OutgoingImage.Part> config) {}

    /// An index with everything in it; nothing if any of that is not here.
    private Optional<OutgoingImage> whole(Digest image, StoredManifest index) {
        var outgoing = new OutgoingImage(content, image);
        if (members(outgoing, index, MAX_NESTING, new HashSet<>())) {
            outgoing.end(index);
            return Optional.of(outgoing);
        }
        outgoing.close();
        return Optional.empty();
    }

    private boolean members(
            OutgoingImage outgoing, StoredManifest index, int depth, Set<Digest> seen) {
        outgoing.hold(List.of(index.descriptor().digest()));
        if (depth == 0 || !(parsed(index).orElse(null) instanceof Manifest.OfIndex document)) {
            return false;
        }
        for (Descriptor member : document.manifests()) {
            if (!seen.add(member.digest())) {
                continue;
            }
            outgoing.hold(List.of(member.digest()));
            Optional<StoredManifest> stored = stored(member);
            if (stored.isEmpty()) {
                return false;
            }
            if (Manifest.isIndex(member.mediaType())) {
                if (!members(outgoing, stored.get(), depth - 1, seen)) {
                    return false;
                }
            } else {
                Optional<Parts> parts = parts(outgoing, stored.get());
                if (parts.isEmpty()) {
                    return false;
                }
                outgoing.add(parts.get().layers(), parts.get().config());
            }
            outgoing.addManifest(stored.get());
        }
        return true;
    }

    private Optional<StoredManifest> stored(Descriptor member) {
        try (InputStream in = content.read(member.digest())) {
            byte[] bytes = in.readNBytes(Json.MAX_DOCUMENT);
            if (!Digest.of(bytes).equals(member.digest())) {
                return Optional.empty();
            }
            return Optional.of(
                    new StoredManifest(
                            Descriptor.of(member.mediaType(), member.digest(), bytes.length),
                            bytes));
        } catch (NotFound | IOException e) {
            // As good as not here; also if it is damaged, or larger than any document.
            return Optional.empty();
        }
    }

    private static Optional<Manifest> parsed(StoredManifest manifest) {
        try {
            return Optional.of(
                    Manifest.parse(
                            "manifest " + manifest.descriptor().digest(),
                            manifest.descriptor().mediaType(),
                            manifest.bytes()));
        } catch (InvalidParameter damaged) {
            return Optional.empty();
        }
    }

    /// The layers and the configuration of a manifest, if all of them are here.
    private Optional<Parts> parts(OutgoingImage outgoing, StoredManifest manifest) {
        if (!(parsed(manifest).orElse(null) instanceof Manifest.OfImage document)) {
            return Optional.empty();
        }
        outgoing.hold(List.of(manifest.descriptor().digest()));
        outgoing.hold(document.layers().stream().map(Descriptor::digest).toList());
        outgoing.hold(List.of(document.config().digest()));
        Optional<byte[]> config = config(document.config());
        if (config.isEmpty()) {
            return Optional.empty();
        }
        List<Digest> diffIds = diffIds(config.get(), document.layers().size());
        var found = new ArrayList<OutgoingImage.Part>();
        for (int i = 0; i < document.layers().size(); i++) {
            Descriptor layer = document.layers().get(i);
            boolean foreign = MediaTypes.isForeign(layer.mediaType());
            OutgoingImage.Part.Opened opened = content::read;
            if (!foreign && !content.contains(layer.digest())) {
                Optional<Layer> made = plain(outgoing, diffIds, i, layer.digest());
                if (made.isEmpty()) {
                    return Optional.empty();
                }
                opened = _ -> archive.plain(made.get()).open();
            }
            found.add(
                    diffIds.isEmpty()
                            ? new OutgoingImage.Part(
                                    layer.digest().shortHex(), layer.digest(), () -> layer, opened)
                            : new OutgoingImage.Part(
                                    diffIds.get(i), layer.digest(), () -> layer, opened));
        }
        byte[] bytes = config.get();
        return Optional.of(
                new Parts(
                        found,
                        Optional.of(
                                new OutgoingImage.Part(
                                        "",
                                        document.config().digest(),
                                        document::config,
                                        _ -> new ByteArrayInputStream(bytes)))));
    }

    /// The layer of which a blob is the plain tar: that is made again when it is needed.
    private Optional<Layer> plain(
            OutgoingImage outgoing, List<Digest> diffIds, int layer, Digest blob) {
        if (diffIds.isEmpty() || !diffIds.get(layer).equals(blob)) {
            return Optional.empty();
        }
        Digest chainId = ChainId.of(diffIds).get(layer);
        Optional<Layers.Pin> pin = layers.pin(chainId);
        pin.ifPresent(outgoing::keep);
        return pin.flatMap(_ -> layers.find(chainId));
    }

    private Optional<byte[]> config(Descriptor config) {
        try {
            return Optional.of(images.configBytes(config.digest()));
        } catch (NotFound e) {
            // Of another platform, or of an artifact: then it is a blob like any other.
            return stored(config).map(StoredManifest::bytes);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// Empty if the configuration is not that of an image.
    private static List<Digest> diffIds(byte[] config, int layers) {
        try {
            List<Digest> ids = ImageDocument.parse("config", config).diffIds();
            return ids.size() == layers ? ids : List.of();
        } catch (InvalidParameter artifact) {
            return List.of();
        }
    }

    // ---- made here -----------------------------------------------------------------------------

    private void make(OutgoingImage outgoing, Image image) throws IOException {
        byte[] config = images.configBytes(image.id());
        var parts = new ArrayList<OutgoingImage.Part>();
        for (Digest chainId : ChainId.of(image.diffIds())) {
            outgoing.keep(
                    layers.pin(chainId)
                            .orElseThrow(() -> new NotFound("No such layer: " + chainId)));
            Layer layer = layers.find(chainId).orElseThrow();
            parts.add(
                    new OutgoingImage.Part(
                            layer.diffId(),
                            layer.diffId(),
                            () -> {
                                Descriptor blob = archive.blob(layer);
                                outgoing.hold(List.of(blob.digest()));
                                return blob;
                            },
                            content::read));
        }
        Descriptor described = Descriptor.of(MediaTypes.DOCKER_CONFIG, image.id(), config.length);
        outgoing.add(
                parts,
                Optional.of(
                        new OutgoingImage.Part(
                                "",
                                image.id(),
                                () -> described,
                                _ -> new ByteArrayInputStream(config))));
        outgoing.endWith(() -> ManifestText.of(described, parts));
    }
}
