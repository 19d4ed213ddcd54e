package dev.corten.engine.image;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.mount.MountInfo;
import dev.corten.kernel.mount.Mounts;
import dev.corten.model.Conflict;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.image.Image;
import dev.corten.store.Durable;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Files of images on the host, read-only, for whoever has asked for that: Podman's `image mount`.
///
/// ```
/// image-mounts/<image ID>/root      where it is mounted
/// ```
///
/// The kernel's table says what is mounted; a directory without a mount is of another boot. An image
/// that is mounted is not removed.
public final class ImageMounts {
    private final Path directory;
    private final Durable durable;
    private final Images images;
    private final Snapshots snapshots;

    /// Images that are just being mounted or unmounted.
    private final Set<Digest> busy = ConcurrentHashMap.newKeySet();

    /// @param directory `<data-root>/image-mounts`
    public ImageMounts(Path directory, Durable durable, Images images, Snapshots snapshots) {
        this.directory = directory;
        this.durable = durable;
        this.images = images;
        this.snapshots = snapshots;
        images.heldBy(this::isMounted);
    }

    /// An image that is mounted.
    public record Mounted(Image image, Path path) {}

    private Path point(Digest id) {
        return directory.resolve(id.hex()).resolve("root");
    }

    private boolean isMounted(Digest id) throws IOException {
        // Spares nearly every removal the look at the table.
        if (!Files.exists(point(id))) {
            return false;
        }
        String path = point(id).toRealPath().toString();
        return MountInfo.self().stream().anyMatch(mount -> mount.mountPoint().is(path));
    }

    private void begin(Image image) {
        if (!busy.add(image.id())) {
            throw new Conflict("image " + image.id() + " is being mounted or unmounted");
        }
    }

    /// Mounts an image, if it is not mounted already.
    ///
    /// @throws InvalidParameter if it has no files
    public Mounted mount(String reference) throws IOException {
        Image image = images.inspect(reference);
        Digest chain =
                image.chainId()
                        .orElseThrow(() ->
                                new InvalidParameter(
                                        "image " + reference + " has no files to mount"));
        Path point = point(image.id());
        begin(image);
        try {
            durable.createDirectories(point);
            if (!isMounted(image.id())) {
                try (Fd root = snapshots.mountReadOnly(chain)) {
                    Mounts.attach(root, Fd.CWD, point.toString());
                }
                if (images.find(image.id()).isEmpty()) {
                    // Removed in the meantime, before it could be seen that it is mounted.
                    detach(image.id(), Mounts.MNT_DETACH);
                    throw new NotFound("No such image: " + reference);
                }
            }
            return new Mounted(image, point);
        } finally {
            busy.remove(image.id());
        }
    }

    /// @param force though somebody may be using it
    /// @throws Conflict if it is not mounted, or used
    public Mounted unmount(String reference, boolean force) throws IOException {
        Image image = images.inspect(reference);
        begin(image);
        try {
            if (!isMounted(image.id())) {
                throw new Conflict("image " + reference + " is not mounted");
            }
            detach(image.id(), force ? Mounts.MNT_DETACH : 0);
            return new Mounted(image, point(image.id()));
        } catch (Errno e) {
            if (e.is(Errno.EBUSY)) {
                throw new Conflict("image " + reference + " is mounted and in use", e);
            }
            throw e;
        } finally {
            busy.remove(image.id());
        }
    }

    private void detach(Digest id, int how) throws IOException {
        Mounts.unmount(point(id).toString(), Mounts.UMOUNT_NOFOLLOW | how);
        // Only what is empty: what is mounted, against all expectation, is an image's data.
        Files.deleteIfExists(point(id));
        Files.deleteIfExists(directory.resolve(id.hex()));
    }

    /// All that are mounted.
    public List<Mounted> list() throws IOException {
        var found = new ArrayList<Mounted>();
        for (Image image : images.list()) {
            if (isMounted(image.id())) {
                found.add(new Mounted(image, point(image.id())));
            }
        }
        return found;
    }
}
