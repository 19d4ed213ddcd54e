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

    // The parts of a container's directory.
    private static final String CHAIN = "chain";
    private static final String LOWER = "lower";
    private static final String DIFF = "diff";
    private static final String WORK = "work";
    private static final String EMPTY = "empty";

    private final StoreLayout layout;
    private final Durable durable;
    private final Layers layers;

    /// The image that each container's snapshot is of.
    private final Map<ContainerId, Optional<Digest>> chains = new ConcurrentHashMap<>();

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
        boolean damaged = false;
        for (ContainerId id : layers.containers()) {
            String text = Files.readString(layout.container(id).resolve(CHAIN)).strip();
            Optional<Digest> chain = digest(text);
            chains.put(id, chain);
            chain.ifPresent(layers::hold);
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
        if (!Files.exists(directory)) {
            prepare(id, chainId);
        } else if (known == null || !known.equals(chainId) || !isWhole(directory)) {
            LOG.log(System.Logger.Level.WARNING, () -> "snapshot of " + id + " is made good");
            for (String part : List.of(DIFF, WORK)) {
                durable.createDirectories(directory.resolve(part));
            }
            below(directory, chainId);
            chainId.ifPresent(layers::hold);
            Optional.ofNullable(known).flatMap(k -> k).ifPresent(layers::release);
            chains.put(id, chainId);
        }
    }

    private static boolean isWhole(Path directory) {
        return Files.isDirectory(directory.resolve(DIFF))
                && Files.isDirectory(directory.resolve(WORK));
    }

    /// Writes what lies below a snapshot.
    ///
    /// @return the top of it
    private Path below(Path directory, Optional<Digest> chainId) throws IOException {
        Path top;
        if (chainId.isPresent()) {
            List<Layer> chain = layers.chain(chainId.get());
            String lower = String.join(":", chain.stream().map(l -> "l/" + l.link()).toList());
            Files.writeString(directory.resolve(LOWER), lower);
            top = layers.diff(chain.getFirst());
        } else {
            // overlayfs wants at least one directory below
            top = Files.createDirectories(directory.resolve(EMPTY));
        }
        Files.writeString(directory.resolve(CHAIN), chainId.map(Digest::toString).orElse(""));
        return top;
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
            Files.createDirectory(directory.resolve(DIFF));
            Files.createDirectory(directory.resolve(WORK));
            Path top = below(directory, chainId);
            try (Fd from = FileCalls.openDirectory(top.toString());
                    Fd to = FileCalls.openDirectory(directory.resolve(DIFF).toString())) {
                // The root directory of an overlay is the upper one's.
                if (chainId.isPresent()) {
                    dev.corten.archive.unpack.Attributes.copy(from, to);
                } else {
                    FileCalls.chmod(to, 0755);
                }
            }
            durable.rename(directory, layout.container(id));
            chains.put(id, chainId);
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
        try {
            layers.discard(layout.container(id));
        } catch (NoSuchFileException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "there is no snapshot of " + id, e);
        }
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
        return new Paths(
                chainId.map(chain -> layers.chain(chain).stream().map(layers::diff).toList())
                        .orElse(List.of(directory.resolve(EMPTY))),
                directory.resolve(DIFF),
                directory.resolve("merged"),
                directory.resolve(WORK));
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
                directory.resolve(DIFF),
                directory.resolve("merged"),
                directory.resolve(WORK));
    }
}
