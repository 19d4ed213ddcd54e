package dev.corten.store.snapshot;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.mount.Mounts;
import dev.corten.kernel.mount.OverlayMount;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.NotFound;
import dev.corten.model.PathBytes;
import dev.corten.model.container.Change;
import dev.corten.store.Durable;
import dev.corten.store.StoreLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Containers' file systems: a writable directory over the layers of an image.
///
/// [#prepare] makes the directories, [#mountDetached] the mount, which is nobody's but the
/// caller's: it is attached only inside the container's mount namespace, so the host has no mounts
/// to leak. [#remove] takes everything out of sight at once.
public final class Snapshots {
    private final StoreLayout layout;
    private final Durable durable;
    private final Layers layers;

    public Snapshots(StoreLayout layout, Durable durable, Layers layers) {
        this.layout = layout;
        this.durable = durable;
        this.layers = layers;
    }

    /// Whether the mount may lose data when the machine crashes.
    public enum Persistence {
        DURABLE,

        /// `volatile`: nothing in it is ever synced. For `--rm` and build steps; such a snapshot
        /// is never mounted after a crash of the machine.
        VOLATILE
    }

    /// Where a snapshot's parts lie, as `docker inspect` shows them under `GraphDriver`.
    ///
    /// @param lower top first
    /// @param upper the container's changes
    /// @param merged where the whole would be seen if it were mounted on the host
    public record Paths(List<Path> lower, Path upper, Path merged, Path work) {}

    /// Holds the layers of all containers that have a snapshot. After [Layers#open].
    public void open() throws IOException {
        for (ContainerId id : layers.containers()) {
            chain(id).ifPresent(layers::hold);
        }
    }

    /// Makes a container's directories. It is on disk when something later syncs: the caller's
    /// record of the container is what decides that the container exists.
    ///
    /// @param chainId the image's; empty for an image without layers
    /// @throws NotFound if the layers are not here
    public void prepare(ContainerId id, Optional<Digest> chainId) throws IOException {
        if (Files.exists(layout.container(id))) {
            throw new Conflict("snapshot of container " + id.shortHex() + " exists already");
        }
        if (chainId.isPresent()) {
            Digest chain = chainId.get();
            layers.hold(chain);
            if (layers.find(chain).isEmpty()) {
                layers.release(chain);
                throw new NotFound("No such layer: " + chain);
            }
        }
        boolean done = false;
        Path directory = layout.newSnapshots().resolve(id.hex());
        try {
            Files.createDirectory(directory);
            Files.createDirectory(directory.resolve("diff"));
            Files.createDirectory(directory.resolve("work"));
            Path top;
            if (chainId.isPresent()) {
                List<Layer> chain = layers.chain(chainId.get());
                String lower = String.join(":", chain.stream().map(l -> "l/" + l.link()).toList());
                Files.writeString(directory.resolve("lower"), lower);
                top = layers.diff(chain.getFirst());
            } else {
                // overlayfs wants at least one directory below
                top = Files.createDirectory(directory.resolve("empty"));
            }
            Files.writeString(directory.resolve("chain"), chainId.map(Digest::toString).orElse(""));
            try (Fd from = FileCalls.openDirectory(top.toString());
                    Fd to = FileCalls.openDirectory(directory.resolve("diff").toString())) {
                // The root directory of an overlay is the upper one's.
                if (chainId.isPresent()) {
                    dev.corten.archive.unpack.Attributes.copy(from, to);
                } else {
                    FileCalls.chmod(to, 0755);
                }
            }
            durable.rename(directory, layout.container(id));
            done = true;
        } finally {
            if (!done) {
                chainId.ifPresent(layers::release);
                if (Files.exists(directory)) {
                    layers.discardQuietly(directory);
                }
            }
        }
    }

    /// Assembles a container's file system as a detached mount. The caller closes it, or moves it
    /// to where it belongs; closing an unmoved one unmounts it.
    public Fd mountDetached(ContainerId id, Persistence persistence) throws IOException {
        Paths paths = paths(id);
        var lower = new ArrayList<Fd>();
        try (Fd upper = FileCalls.openDirectory(paths.upper.toString());
                Fd work = FileCalls.openDirectory(paths.work.toString())) {
            for (Path path : paths.lower) {
                lower.add(FileCalls.openDirectory(path.toString()));
            }
            boolean isVolatile = persistence == Persistence.VOLATILE;
            if (isVolatile) {
                // The kernel's mark of a mount before, which it takes for one that crashed.
                Path mark = paths.work.resolve("work/incompat/volatile");
                Files.deleteIfExists(mark.resolve("dirty"));
                Files.deleteIfExists(mark);
            }
            return OverlayMount.writable(lower, upper, work, isVolatile).assemble(0);
        } finally {
            lower.forEach(Fd::close);
        }
    }

    /// The files of an image as a detached, read-only mount. The caller closes it, and sees to it
    /// that the image stays meanwhile.
    ///
    /// @throws NotFound if the layers are not here
    public Fd mountReadOnly(Digest chainId) throws IOException {
        List<Layer> chain = layers.chain(chainId);
        var lower = new ArrayList<Fd>();
        try {
            for (Layer layer : chain) {
                lower.add(FileCalls.openDirectory(layers.diff(layer).toString()));
            }
            if (lower.size() > 1) {
                return OverlayMount.readOnly(lower).assemble(Mounts.MOUNT_ATTR_RDONLY);
            }
            // An overlay is of two at least.
            Fd only = Mounts.cloneTree(lower.getFirst(), false);
            try {
                Mounts.setAttributes(only, false, Mounts.MOUNT_ATTR_RDONLY, 0, 0, null);
            } catch (IOException e) {
                only.close();
                throw e;
            }
            return only;
        } finally {
            lower.forEach(Fd::close);
        }
    }

    /// Removes a container's file system. Its name is free when this returns; what was in it is
    /// deleted later, after the last mount of it is gone. That it is not there is fine.
    public void remove(ContainerId id) throws IOException {
        Optional<Digest> chainId;
        try {
            chainId = chain(id);
            layers.discard(layout.container(id));
        } catch (NoSuchFileException e) {
            return;
        }
        chainId.ifPresent(layers::release);
    }

    /// Removes snapshots of containers that the engine does not know: their making or removal was
    /// cut short. For start-up.
    public void removeOthers(Set<ContainerId> containers) throws IOException {
        for (ContainerId id : layers.containers()) {
            if (!containers.contains(id)) {
                remove(id);
            }
        }
    }

    public Collection<ContainerId> list() throws IOException {
        return layers.containers();
    }

    /// @throws NotFound if the container has no snapshot
    public Paths paths(ContainerId id) throws IOException {
        Path directory = layout.container(id);
        Optional<Digest> chainId;
        try {
            chainId = chain(id);
        } catch (NoSuchFileException e) {
            throw new NotFound("No such snapshot: " + id, e);
        }
        return new Paths(
                chainId.map(chain -> layers.chain(chain).stream().map(layers::diff).toList())
                        .orElse(List.of(directory.resolve("empty"))),
                directory.resolve("diff"),
                directory.resolve("merged"),
                directory.resolve("work"));
    }

    /// Bytes of what a container has written: its files and links, each inode once. Files that come
    /// and go meanwhile may be counted or not.
    ///
    /// @throws NotFound if the container has no snapshot
    public long changedBytes(ContainerId id) throws IOException {
        return DiskUsage.of(paths(id).upper);
    }

    /// What a container has changed, sorted by path.
    ///
    /// @param made paths that were put there for the container: no change of its
    /// @throws NotFound if the container has no snapshot
    public List<Change> changes(ContainerId id, Set<PathBytes> made) throws IOException {
        Paths paths = paths(id);
        try (Fd upper = FileCalls.openDirectory(paths.upper.toString());
                LowerView lower = LowerView.open(paths.lower)) {
            return Changes.of(upper, lower, made);
        }
    }

    /// The parts of an image's top layer, for `GraphDriver` of `image inspect`.
    public Paths paths(Digest chainId) {
        List<Layer> chain = layers.chain(chainId);
        Path directory = layout.layer(chain.getFirst().cacheId());
        return new Paths(
                chain.subList(1, chain.size()).stream().map(layers::diff).toList(),
                directory.resolve("diff"),
                directory.resolve("merged"),
                directory.resolve("work"));
    }

    private Optional<Digest> chain(ContainerId id) throws IOException {
        String text = Files.readString(layout.container(id).resolve("chain")).strip();
        return text.isEmpty() ? Optional.empty() : Optional.of(Digest.parse(text));
    }
}
