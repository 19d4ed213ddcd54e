package dev.corten.engine.image;

import dev.corten.engine.event.Events;
import dev.corten.model.Conflict;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageSizes;
import dev.corten.model.image.LoadEvent;
import dev.corten.model.image.Removal;
import dev.corten.store.image.ImageUse;
import dev.corten.store.image.Images.Force;
import dev.corten.store.image.Images.ImportRequest;
import dev.corten.store.image.Images.Parents;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// The images of this engine: the store, with the containers that use it, and events.
public final class Images {
    private final dev.corten.store.image.Images store;
    private final Snapshots snapshots;
    private final Events events;

    /// Set once by the containers, which need the images first.
    private final AtomicReference<ImageUse> use = new AtomicReference<>(ImageUse.NONE);

    /// Set once by the mounts of images.
    private final AtomicReference<Hold> hold = new AtomicReference<>(_ -> false);

    public Images(dev.corten.store.image.Images store, Snapshots snapshots, Events events) {
        this.store = store;
        this.snapshots = snapshots;
        this.events = events;
    }

    /// Tells of an image whether something else than a container needs it.
    @FunctionalInterface
    interface Hold {
        boolean holds(Digest image) throws IOException;
    }

    /// Says who tells whether an image is mounted.
    void heldBy(Hold mounts) {
        hold.set(mounts);
    }

    /// Says who tells which containers use an image.
    public void usedBy(ImageUse containers) {
        use.set(containers);
    }

    /// The image of a new container.
    ///
    /// @param platform `os/arch[/variant]` if the client insists
    /// @throws NotFound in Docker's words: the command line pulls then
    public Image forRun(String reference, Optional<String> platform) {
        if (platform.isPresent() && !platform.get().isEmpty()) {
            return inspect(reference, Platform.parse(platform.get()));
        }
        Image named = store.get(reference);
        // The name stands for what was pulled last; who gives an ID means that image.
        boolean byName = named.repoTags().stream().anyMatch(name -> isCalled(name, reference));
        return byName ? store.find(reference, Platform.host()).orElse(named) : named;
    }

    /// The image of a name for a platform.
    ///
    /// @throws NotFound in Docker's words
    public Image inspect(String reference, Platform platform) {
        Image named = store.get(reference);
        return store.find(reference, platform)
                .orElseThrow(() ->
                        new NotFound(
                                store.index(reference).isEmpty()
                                        ? "image with reference "
                                                + reference
                                                + " was found but its platform ("
                                                + named.platform()
                                                + ") does not match the specified platform ("
                                                + platform
                                                + ")"
                                        : Platforms.absent(reference, platform)));
    }

    /// All of them, newest first. Those that are another platform's of a name are not seen by
    /// themselves, and go when it goes.
    public List<Image> list() {
        Set<Digest> companions = store.companions();
        return store.list().stream().filter(image -> !companions.contains(image.id())).toList();
    }

    /// @param reference a name, an ID, or the beginning of one
    /// @throws NotFound if there is none
    public Image inspect(String reference) {
        return store.get(reference);
    }

    public Optional<Image> find(String reference) {
        return store.find(reference);
    }

    /// The image of a name for a platform, if it is here.
    public Optional<Image> find(String reference, Platform platform) {
        return store.find(reference, platform);
    }

    public Optional<Image> find(Digest id) {
        return store.find(id);
    }

    /// Where the layers lie; empty for an image without any.
    public GraphView graph(Image image) {
        return image.chainId()
                .map(chain -> GraphView.of(snapshots.driver(), snapshots.paths(chain), Map.of()))
                .orElse(GraphView.none(snapshots.driver()));
    }

    /// The configuration document, byte for byte.
    public byte[] document(Digest image) throws IOException {
        return store.configBytes(image);
    }

    /// What they take on the disk.
    public ImageSizes sizes() {
        return store.sizes();
    }

    /// How many containers use it.
    public int containers(Digest id) {
        return use.get().of(id).size();
    }

    /// Reads an archive of `docker save`: all of its images.
    ///
    /// @param progress called by this thread
    public void load(InputStream archive, Consumer<LoadEvent> progress)
            throws IOException, InterruptedException {
        load(archive, Optional.empty(), progress);
    }

    /// Reads an archive of `docker save`.
    ///
    /// @param progress called by this thread
    /// @param platform of the images that are wanted, if not all
    public void load(InputStream archive, Optional<Platform> platform, Consumer<LoadEvent> progress)
            throws IOException, InterruptedException {
        for (Image image : store.load(archive, platform, progress)) {
            publish("load", image.id(), image.id().toString());
        }
    }

    /// Makes an image of a root file system's tar.
    ///
    /// @param changes Dockerfile instructions
    /// @return its ID
    public Digest importRootfs(
            InputStream rootfs,
            Optional<Reference> name,
            List<String> changes,
            String message,
            Platform platform)
            throws IOException, InterruptedException {
        Image image =
                store.importRootfs(
                        rootfs,
                        new ImportRequest(
                                changes, message, name.map(Reference::orLatest), platform));
        publish("import", image.id(), image.id().toString());
        return image.id();
    }

    /// Gives an image one more name.
    public void tag(String source, Reference target) throws IOException {
        Image image = store.tag(source, target);
        publish("tag", image.id(), target.orLatest().familiar());
    }

    /// Takes names from an image, which stays.
    ///
    /// @param names all of them if there is none
    /// @return those that are gone
    public List<Reference> untag(String reference, List<Reference> names) throws IOException {
        Image image = store.get(reference);
        List<Reference> gone = store.untag(reference, names);
        gone.forEach(_ -> publish("untag", image.id(), image.id().toString()));
        return gone;
    }

    /// Removes a name, and the image with its last name.
    ///
    /// @throws dev.corten.model.Conflict if a container uses it, in Docker's words
    public List<Removal> remove(String reference, boolean force, boolean prune) throws IOException {
        Image image = store.get(reference);
        boolean oneOfSeveral =
                !force
                        && image.repoTags().size() > 1
                        && image.repoTags().stream().anyMatch(name -> isCalled(name, reference));
        if (!oneOfSeveral && hold.get().holds(image.id())) {
            throw new Conflict(
                    "conflict: unable to delete "
                            + reference
                            + " (cannot be forced) - image is mounted: unmount it first");
        }
        List<Removal> removals =
                store.remove(
                        reference,
                        force ? Force.YES : Force.NO,
                        prune ? Parents.PRUNE : Parents.KEEP,
                        use.get());
        for (Removal removal : removals) {
            switch (removal) {
                case Removal.Untagged _ -> publish("untag", image.id(), image.id().toString());
                case Removal.Deleted d when d.digest().equals(image.id()) ->
                        publish("delete", image.id(), image.id().toString());
                case Removal.Deleted _ -> {
                    // a layer: Docker tells the caller, and publishes nothing
                }
            }
        }
        return removals;
    }

    private static boolean isCalled(Reference name, String reference) {
        return name.toString().equals(reference)
                || name.familiar().equals(reference)
                || name.familiar().equals(reference + ":" + Reference.DEFAULT_TAG);
    }

    /// @throws InvalidParameter if it is no name of an image
    public static Reference reference(String repository, String tag) {
        Reference reference = Reference.parse(repository);
        return tag.isEmpty() ? reference : reference.withTag(tag);
    }

    private void publish(String action, Digest image, String name) {
        events.publish("image", action, image.toString(), Map.of("name", name));
    }
}
