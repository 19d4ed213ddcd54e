package dev.corten.engine.container.mount;

import dev.corten.engine.volume.VolumeRequest;
import dev.corten.engine.volume.Volumes;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.container.MountPoint;
import dev.corten.store.Durable;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The volumes of containers through the containers' lives: made, held, let go. What happens at a
/// start is in [MountOpening].
public final class ContainerMounts {
    private final Volumes volumes;
    private final Snapshots snapshots;

    public ContainerMounts(Volumes volumes, Snapshots snapshots) {
        this.volumes = volumes;
        this.snapshots = snapshots;
    }

    // ---- the making of a container -------------------------------------------------------------

    /// Makes the volumes that are missing, takes all of them for the container, and fills those
    /// that are empty with what the image has. If that fails, [#abandon] takes it back.
    ///
    /// @param chain the image's
    /// @param sync whether a crash of the machine may take what is made
    public void make(
            ContainerId id, List<PlannedMount> mounts, Optional<Digest> chain, Durable.Sync sync)
            throws IOException {
        for (PlannedMount planned : mounts) {
            if (planned.mount() instanceof MountPoint.Volume volume) {
                Optional<VolumeRequest> request = planned.volume();
                if (request.isPresent()) {
                    volumes.take(request.get(), id, sync);
                } else {
                    volumes.share(volume.name(), id);
                }
            }
        }
        if (chain.isPresent() && mounts.stream().anyMatch(PlannedMount::copy)) {
            try (Fd root = snapshots.mountReadOnly(chain.get())) {
                for (PlannedMount planned : mounts) {
                    if (planned.copy() && planned.mount() instanceof MountPoint.Volume volume) {
                        fill(id, volume, root, sync);
                    }
                }
            }
        }
    }

    private void fill(ContainerId id, MountPoint.Volume volume, Fd root, Durable.Sync sync)
            throws IOException {
        Optional<Fd> place = place(id, volume, root);
        if (place.isPresent()) {
            try (Fd from = place.get()) {
                volumes.fill(volume.name(), from, id, sync);
            } catch (Internal e) {
                throw new Internal("failed to populate volume: " + e.message(), e);
            }
        }
    }

    /// The directory of the image on which the volume lies, links followed inside the image only.
    private Optional<Fd> place(ContainerId id, MountPoint.Volume volume, Fd root)
            throws IOException {
        try {
            return Optional.of(open(root, volume, FileCalls.O_RDONLY | FileCalls.O_DIRECTORY));
        } catch (Errno e) {
            if (e.is(Errno.ENOENT)) {
                return Optional.empty();
            }
            String path = snapshots.paths(id).merged() + volume.destination();
            if (!e.is(Errno.ENOTDIR) || !isFile(root, volume)) {
                throw new Internal("lstat " + path + ": " + Errno.describe(e.number()), e);
            }
            throw new Internal(
                    volume.origin() == MountPoint.Origin.DECLARED
                            ? "cannot mount volume over existing file, file exists " + path
                            : "source " + path + " is not directory",
                    e);
        }
    }

    private static Fd open(Fd root, MountPoint.Volume volume, int flags) throws Errno {
        return FileCalls.open2(
                root,
                volume.destination(),
                flags | FileCalls.O_CLOEXEC,
                0,
                FileCalls.RESOLVE_IN_ROOT | FileCalls.RESOLVE_NO_MAGICLINKS);
    }

    private static boolean isFile(Fd root, MountPoint.Volume volume) {
        try (Fd found = open(root, volume, FileCalls.O_PATH)) {
            return !FileCalls.stat(found).isDirectory();
        } catch (Errno e) {
            return false;
        }
    }

    /// The container could not be made: its volumes are let go, and those without a name that were
    /// made for it removed.
    public void abandon(ContainerId id, List<PlannedMount> mounts, Exception cause) {
        for (PlannedMount planned : mounts) {
            if (planned.mount() instanceof MountPoint.Volume volume) {
                volumes.release(volume.name(), id);
                if (planned.volume().isPresent() && volume.goesWithContainer()) {
                    try {
                        volumes.removeUnused(volume.name());
                    } catch (IOException e) {
                        cause.addSuppressed(e);
                    }
                }
            }
        }
    }

    // ---- the life of a container ---------------------------------------------------------------

    /// A container of an earlier daemon has its volumes still.
    public void adopt(ContainerId id, List<MountPoint> mounts) {
        each(mounts, volume -> volumes.adopt(volume.name(), id));
    }

    /// A container that runs since an earlier daemon uses its volumes still.
    public void resume(ContainerId id, List<MountPoint> mounts) {
        each(mounts, volume -> volumes.resume(volume.name(), id));
    }

    /// All containers have been taken over.
    public void settle() {
        volumes.settle();
    }

    /// The container has ended.
    public void close(ContainerId id, List<MountPoint> mounts) {
        each(
                mounts,
                volume -> {
                    volumes.close(volume.name(), id);
                    volumes.publishUnmount(volume.name(), id);
                });
    }

    /// The container is gone, and lets its volumes go.
    ///
    /// @throws IOException if one that goes along cannot be removed; the others are
    public void release(ContainerId id, List<MountPoint> mounts, WithVolumes fate)
            throws IOException {
        each(mounts, volume -> volumes.release(volume.name(), id));
        if (fate == WithVolumes.REMOVE) {
            removeUnused(names(mounts));
        }
    }

    /// The volumes that go along with a container.
    public static List<String> names(List<MountPoint> mounts) {
        return mounts.stream()
                .filter(mount -> mount instanceof MountPoint.Volume v && v.goesWithContainer())
                .map(mount -> ((MountPoint.Volume) mount).name())
                .distinct()
                .toList();
    }

    /// Removes the volumes that were made for containers which never came to be.
    public void removeMadeFor(Set<ContainerId> containers) throws IOException {
        volumes.removeMadeFor(containers);
    }

    /// Removes those that no container has.
    ///
    /// @throws IOException if one cannot be removed; the others are
    public void removeUnused(List<String> names) throws IOException {
        IOException failure = null;
        for (String name : names) {
            try {
                volumes.removeUnused(name);
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private interface Visit {
        void to(MountPoint.Volume volume);
    }

    private static void each(List<MountPoint> mounts, Visit visit) {
        for (MountPoint mount : mounts) {
            if (mount instanceof MountPoint.Volume volume) {
                visit.to(volume);
            }
        }
    }

    /// What others see of a container's mounts.
    public List<MountView> view(List<MountPoint> mounts) {
        return mounts.stream().map(this::view).toList();
    }

    private MountView view(MountPoint mount) {
        return switch (mount) {
            case MountPoint.Bind b ->
                    new MountView(
                            "bind",
                            "",
                            b.source(),
                            b.destination(),
                            "",
                            b.mode(),
                            b.writable(),
                            b.propagation(),
                            false);
            case MountPoint.Volume v ->
                    new MountView(
                            "volume",
                            v.name(),
                            volumes.mountpoint(v.name()),
                            v.destination(),
                            dev.corten.engine.volume.Volume.LOCAL,
                            v.mode(),
                            v.writable(),
                            "",
                            v.origin() == MountPoint.Origin.DECLARED);
            case MountPoint.Tmpfs t ->
                    new MountView(
                            "tmpfs",
                            "",
                            "",
                            t.destination(),
                            "",
                            t.mode(),
                            t.writable(),
                            "",
                            false);
            case MountPoint.Image i ->
                    new MountView(
                            "image",
                            i.reference(),
                            "",
                            i.destination(),
                            "",
                            i.mode(),
                            false,
                            "rprivate",
                            false);
        };
    }
}
