package dev.corten.store.snapshot;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.mount.Mounts;
import dev.corten.kernel.mount.OverlayMount;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.NotImplemented;
import dev.corten.model.PathBytes;
import dev.corten.model.container.Change;
import dev.corten.store.Durable;
import dev.corten.store.StorageDriver;
import dev.corten.store.StoreLayout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Containers' file systems: a writable directory over the layers of an image.
///
/// [#prepare] makes the directories, [#mountDetached] the mount, which is nobody's but the
/// caller's: it is attached only inside the container's mount namespace, so the host has no mounts
/// to leak. [#remove] takes everything out of sight at once.
public final class Snapshots {
    private static final System.Logger LOG = System.getLogger(Snapshots.class.getName());

    // The parts of a container's directory; the others are the snapshotter's.
    private static final String CHAIN = "chain";
    private static final String LOWER = "lower";
    private static final String BASE = "base";
    static final String EMPTY = "empty";

    private final StoreLayout layout;
    private final Durable durable;
    private final Layers layers;
    private final Snapshotter snapshotter;

    /// The image that each container's snapshot is of.
    private final Map<ContainerId, Optional<Digest>> chains = new ConcurrentHashMap<>();

    /// The container whose files each snapshot of this kind shows: see [#prepareOver].
    private final Map<ContainerId, ContainerId> bases = new ConcurrentHashMap<>();

    public Snapshots(StoreLayout layout, Durable durable, Layers layers) {
        this.layout = layout;
        this.durable = durable;
        this.layers = layers;
        this.snapshotter = Snapshotter.of(layout.driver());
    }

    public StorageDriver driver() {
        return snapshotter.driver();
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
    /// @param lower what it was made of: all layers, or the one tree that has them all; top first
    /// @param upper where the container's changes are, alone or in the whole
    /// @param merged where the whole is seen, for an overlay if it were mounted on the host
    public record Paths(List<Path> lower, Path upper, Path merged, Path work) {}

    /// Tries the file system.
    ///
    /// @throws NotImplemented if the driver cannot work on it; the message says why, and what can
    public static void check(StoreLayout layout) throws IOException {
        Snapshotter.of(layout.driver()).check(layout.snapshots());
    }

    /// Holds the layers of all containers that have a snapshot. After [Layers#open].
    public void open() throws IOException {
        boolean damaged = false;
        for (ContainerId id : layers.containers()) {
            String text = Files.readString(layout.container(id).resolve(CHAIN)).strip();
            Optional<Digest> chain = digest(text);
            chains.put(id, chain);
            chain.ifPresent(layers::hold);
            Path base = layout.container(id).resolve(BASE);
            if (Files.exists(base)) {
                bases.put(id, new ContainerId(Files.readString(base).strip()));
            }
            damaged |= chain.isEmpty() && !Files.exists(layout.container(id).resolve(EMPTY));
        }
        if (damaged) {
            // Nobody knows which layers are needed before [#repair].
            layers.holdAll();
        }
    }

    private static Optional<Digest> digest(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Digest.parse(text));
        } catch (InvalidParameter e) {
            LOG.log(System.Logger.Level.WARNING, "a snapshot's image is not readable", e);
            return Optional.empty();
        }
    }

    /// Makes good what a crash of the machine may have taken of a snapshot: [#prepare] does not
    /// wait until it is on disk. What the container wrote is what the file system has of it.
    ///
    /// @param chainId the image's; empty for an image without layers
    public void repair(ContainerId id, Optional<Digest> chainId) throws IOException {
        Path directory = layout.container(id);
        Optional<Digest> known = chains.get(id);
        if (!isWhole(directory)) {
            // What is left of it would be an empty file system.
            LOG.log(System.Logger.Level.WARNING, () -> "snapshot of " + id + " is made anew");
            remove(id);
            prepare(id, chainId);
        } else if (known == null || !known.equals(chainId)) {
            LOG.log(System.Logger.Level.WARNING, () -> "snapshot of " + id + " is made good");
            below(directory, chainId);
            chainId.ifPresent(layers::hold);
            Optional.ofNullable(known).flatMap(k -> k).ifPresent(layers::release);
            chains.put(id, chainId);
        }
    }

    private boolean isWhole(Path directory) {
        return snapshotter.parts().stream()
                .allMatch(part -> Files.isDirectory(directory.resolve(part)));
    }

    /// Writes what lies below a snapshot.
    private void below(Path directory, Optional<Digest> chainId) throws IOException {
        if (chainId.isPresent()) {
            List<Layer> chain = layers.chain(chainId.get());
            String lower = String.join(":", chain.stream().map(l -> "l/" + l.link()).toList());
            Files.writeString(directory.resolve(LOWER), lower);
        } else {
            // overlayfs wants at least one directory below
            Files.createDirectories(directory.resolve(EMPTY));
        }
        Files.writeString(directory.resolve(CHAIN), chainId.map(Digest::toString).orElse(""));
    }

    /// The directories of a chain, top first.
    private List<Path> diffs(Optional<Digest> chainId) {
        return chainId.map(top -> layers.chain(top).stream().map(layers::diff).toList())
                .orElse(List.of());
    }

    private List<Path> diffs(Optional<Digest> chainId, Optional<ContainerId> base)
            throws IOException {
        var directories = new ArrayList<>(diffs(chainId));
        if (base.isPresent()) {
            directories.addFirst(paths(base.get()).upper());
        }
        return List.copyOf(directories);
    }

    /// Makes a container's directories. It is on disk when something later syncs: the caller's
    /// record of the container is what decides that the container exists.
    ///
    /// @param chainId the image's; empty for an image without layers
    /// @throws NotFound if the layers are not here
    public void prepare(ContainerId id, Optional<Digest> chainId) throws IOException {
        prepare(id, chainId, Optional.empty(), Optional.empty());
    }

    /// The same with what a container of another engine has changed in the image.
    ///
    /// @param changes the upper directory of its overlay; is copied
    /// @throws NotImplemented if this store has no overlays
    public void prepareWith(Path changes, ContainerId id, Optional<Digest> chainId)
            throws IOException {
        if (driver() != StorageDriver.OVERLAY) {
            throw new NotImplemented(
                    "what a container has changed can only be taken over by the storage driver "
                            + StorageDriver.OVERLAY);
        }
        prepare(id, chainId, Optional.empty(), Optional.of(changes));
    }

    /// The same over what another container, which does not run, has changed in its image: that is
    /// seen as it is, and not changed. It has to stay for as long.
    ///
    /// @param base the other container
    /// @param chainId the image's, of both
    public void prepareOver(ContainerId base, ContainerId id, Optional<Digest> chainId)
            throws IOException {
        prepare(id, chainId, Optional.of(base), Optional.empty());
    }

    private void prepare(
            ContainerId id,
            Optional<Digest> chainId,
            Optional<ContainerId> base,
            Optional<Path> changes)
            throws IOException {
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
            directory = layers.newDirectory(id.hex());
            for (String part : snapshotter.parts()) {
                Files.createDirectory(directory.resolve(part));
            }
            below(directory, chainId);
            if (base.isPresent()) {
                Files.writeString(directory.resolve(BASE), base.get().hex());
            }
            fill(directory.resolve(Snapshotter.DIFF), diffs(chainId, base));
            if (changes.isPresent()) {
                copyChanges(changes.get(), directory.resolve(Snapshotter.DIFF));
            }
            if (snapshotter.fillsWithFiles() || changes.isPresent()) {
                durable.syncFileSystem(layout.newSnapshots());
            }
            durable.rename(directory, layout.container(id));
            chains.put(id, chainId);
            base.ifPresent(other -> bases.put(id, other));
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

    private static void copyChanges(Path changes, Path upper) throws IOException {
        try (Fd from = FileCalls.openDirectory(changes.toString());
                Fd to = FileCalls.openDirectory(upper.toString())) {
            TreeCopy.copyChanges(from, to);
        }
    }

    /// Makes an empty directory, which nobody sees yet, like one that nobody changes: for what begins as
    /// a part of an image and is written to.
    public static void copy(Fd from, Fd to) throws IOException {
        TreeCopy.copy(from, to);
    }

    private void fill(Path upper, List<Path> layers) throws IOException {
        try (Fd to = FileCalls.openDirectory(upper.toString())) {
            if (layers.isEmpty()) {
                FileCalls.chmod(to, 0755);
                return;
            }
            try (Fd from = FileCalls.openDirectory(layers.getFirst().toString())) {
                snapshotter.fill(to, from);
            }
        }
    }

    /// Assembles a container's file system as a detached mount. The caller closes it, or moves it
    /// to where it belongs; closing an unmoved one unmounts it.
    public Fd mountDetached(ContainerId id, Persistence persistence) throws IOException {
        return snapshotter.mount(paths(id), persistence);
    }

    /// The files of an image as a detached, read-only mount. The caller closes it, and sees to it
    /// that the image stays meanwhile.
    ///
    /// @throws NotFound if the layers are not here
    public Fd mountReadOnly(Digest chainId) throws IOException {
        return readOnly(snapshotter.visible(diffs(Optional.of(chainId))));
    }

    private static Fd readOnly(List<Path> directories) throws IOException {
        var lower = new ArrayList<Fd>();
        try {
            for (Path layer : directories) {
                lower.add(FileCalls.openDirectory(layer.toString()));
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

    /// What a container that does not run sees, as a detached, read-only mount. The caller closes it;
    /// what the container does meanwhile may be seen or not.
    ///
    /// @throws NotFound if the container has no snapshot
    public Fd mountReadOnly(ContainerId id) throws IOException {
        Paths paths = paths(id);
        var directories = new ArrayList<Path>();
        directories.add(paths.upper());
        if (driver() == StorageDriver.OVERLAY) {
            directories.addAll(paths.lower());
        }
        return readOnly(directories);
    }

    /// Removes a container's file system. Its name is free when this returns; what was in it is
    /// deleted later, after the last mount of it is gone. That it is not there is fine.
    public void remove(ContainerId id) throws IOException {
        try {
            layers.discard(layout.container(id));
        } catch (NoSuchFileException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "there is no snapshot of " + id, e);
        }
        bases.remove(id);
        Optional<Digest> chainId = chains.remove(id);
        if (chainId != null) {
            chainId.ifPresent(layers::release);
        }
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

    /// Whether another driver has a container's files, and this one has not.
    public boolean isElsewhere(ContainerId id) {
        return !Files.exists(layout.container(id))
                && Arrays.stream(StorageDriver.values())
                        .map(driver -> new StoreLayout(layout.dataRoot(), driver))
                        .anyMatch(other -> Files.exists(other.container(id)));
    }

    public Collection<ContainerId> list() throws IOException {
        return layers.containers();
    }

    /// @throws NotFound if the container has no snapshot
    public Paths paths(ContainerId id) throws IOException {
        Path directory = layout.container(id);
        Optional<Digest> chainId = chains.get(id);
        if (chainId == null) {
            throw new NotFound("No such snapshot: " + id);
        }
        return snapshotter.paths(directory, diffs(chainId, Optional.ofNullable(bases.get(id))));
    }

    /// Bytes of what a container has written: its files and links, each inode once. Files that come
    /// and go meanwhile may be counted or not.
    ///
    /// @throws NotFound if the container has no snapshot
    public long changedBytes(ContainerId id) throws IOException {
        return snapshotter.changedBytes(paths(id));
    }

    /// What a container has changed, sorted by path.
    ///
    /// @param made paths that were put there for the container: no change of its
    /// @throws NotFound if the container has no snapshot
    public List<Change> changes(ContainerId id, Set<PathBytes> made) throws IOException {
        return snapshotter.changes(paths(id), made);
    }

    /// What a container has changed, as the tar of a layer. The caller closes it.
    ///
    /// @param made paths that were put there for the container: no change of its
    /// @throws NotFound if the container has no snapshot
    public InputStream changesTar(ContainerId id, Set<PathBytes> made) throws IOException {
        return snapshotter.changesTar(paths(id), made);
    }

    /// The parts of an image's top layer, for `GraphDriver` of `image inspect`.
    public Paths paths(Digest chainId) {
        List<Path> chain = diffs(Optional.of(chainId));
        Path directory = layout.layer(layers.chain(chainId).getFirst().cacheId());
        return new Paths(
                chain.subList(1, chain.size()),
                directory.resolve("diff"),
                directory.resolve("merged"),
                directory.resolve("work"));
    }
}
