package dev.corten.engine.image;

import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.store.content.Content;
import dev.corten.store.document.Manifest;
import dev.corten.store.image.ImageUse;
import dev.corten.store.image.Images;
import dev.corten.store.image.Images.PlatformImage;
import dev.corten.store.image.Images.StoredManifest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Tells what is behind an image's name: the platforms of its index, or the one manifest.
public final class Platforms {
    private static final String KIND = "vnd.docker.reference.type";
    private static final String SUBJECT = "vnd.docker.reference.digest";

    private final Images store;
    private final Content content;
    private final Function<Digest, List<ImageUse.Use>> use;

    /// @param use tells which containers use an image
    public Platforms(Images store, Content content, ImageUse use) {
        this.store = store;
        this.content = content;
        this.use = use::of;
    }

    /// What Docker's containerd store says of an image that is not here for a platform.
    static String absent(String name, Platform platform) {
        return "image with reference "
                + name
                + " was found but does not provide the specified platform ("
                + platform
                + ")";
    }

    /// What the image's name stands for where it came from.
    public Optional<Descriptor> origin(Image image) {
        return store.targetOf(image);
    }

    /// None of an image that was made here.
    public List<PlatformView> of(Image image) throws IOException {
        var views = new java.util.ArrayList<PlatformView>();
        for (PlatformImage member : members(image)) {
            views.add(view(member));
        }
        return List.copyOf(views);
    }

    private List<PlatformImage> members(Image image) {
        List<PlatformImage> index = store.index(image);
        return index.isEmpty()
                ? store
                        .manifest(image.id(), Optional.empty())
                        .map(m -> new PlatformImage(m.descriptor(), Optional.of(image.id())))
                        .stream()
                        .toList()
                : index;
    }

    private PlatformView view(PlatformImage member) throws IOException {
        Descriptor manifest = member.manifest();
        Optional<Image> here = member.image().flatMap(store::find);
        Optional<Platform> platform = manifest.platform().or(() -> here.map(Image::platform));
        Optional<Digest> subject =
                manifest.annotations().getOrDefault(KIND, "").equals("attestation-manifest")
                        ? subject(manifest)
                        : Optional.empty();
        Optional<Long> kept = here.isPresent() ? Optional.empty() : keptBytes(manifest.digest());
        List<ContainerId> containers =
                here.map(i -> use.apply(i.id()).stream().map(ImageUse.Use::container).toList())
                        .orElse(List.of());
        return new PlatformView(
                manifest,
                here.map(Image::id),
                platform,
                subject,
                here.isPresent() || kept.isPresent(),
                here.isPresent() ? contentBytes(here.get()) : kept.orElse(0L),
                here.map(Image::size).orElse(0L),
                containers);
    }

    private static Optional<Digest> subject(Descriptor manifest) {
        try {
            return Optional.of(Digest.parse(manifest.annotations().getOrDefault(SUBJECT, "")));
        } catch (InvalidParameter e) {
            return Optional.empty(); // somebody else's annotation
        }
    }

    /// Of what is no image; nothing if it is not here wholly.
    private Optional<Long> keptBytes(Digest digest) {
        Optional<StoredManifest> stored =
                content.contains(digest) ? store.document(digest) : Optional.empty();
        if (stored.isEmpty()
                || !(Manifest.parse("manifest", "", stored.get().bytes())
                        instanceof Manifest.OfImage manifest)) {
            return Optional.empty();
        }
        long bytes = stored.get().bytes().length + manifest.config().size();
        boolean all = content.contains(manifest.config().digest());
        for (Descriptor layer : manifest.layers()) {
            all &= content.contains(layer.digest());
            bytes += layer.size();
        }
        return all ? Optional.of(bytes) : Optional.empty();
    }

    private long contentBytes(Image image) throws IOException {
        Optional<StoredManifest> stored = store.manifest(image.id(), Optional.empty());
        if (stored.isEmpty()
                || !(Manifest.parse("manifest", "", stored.get().bytes())
                        instanceof Manifest.OfImage manifest)) {
            return 0;
        }
        long bytes = stored.get().bytes().length + manifest.config().size();
        for (Descriptor layer : manifest.layers()) {
            bytes += content.contains(layer.digest()) ? layer.size() : 0;
        }
        return bytes;
    }
}
