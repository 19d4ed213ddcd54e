package dev.corten.engine.container;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.mount.MountInfo;
import dev.corten.kernel.mount.Mounts;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.store.Durable;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Root file systems of containers on the host, for whoever has asked for that.
///
/// ```
/// mounts/<id>/root      where it is mounted
/// mounts/<id>/count     by how many requests; written before the mount is made, deleted after
/// ```
///
/// The kernel's table says what is mounted; a count without a mount is of another boot, or of a
/// daemon that died in between, and means nothing. A file system has one mount of its own: that of
/// a running container is the origin of the host's, and the other way around, because two of the
/// same directories would not know of each other.
public final class HostMounts {
    private final Path directory;
    private final Durable durable;
    private final Snapshots snapshots;

    /// @param directory `<data-root>/mounts`
    public HostMounts(Path directory, Durable durable, Snapshots snapshots) {
        this.directory = directory;
        this.durable = durable;
        this.snapshots = snapshots;
    }

    Path point(ContainerId id) {
        return directory.resolve(id.hex()).resolve("root");
    }

    private Path countOf(ContainerId id) {
        return directory.resolve(id.hex()).resolve("count");
    }

    boolean isMounted(ContainerId id) throws IOException {
        // Spares nearly every start the look at the table.
        return Files.exists(countOf(id)) && isInTable(point(id).toRealPath());
    }

    private static boolean isInTable(Path point) throws IOException {
        String path = point.toString();
        return MountInfo.self().stream().anyMatch(mount -> mount.mountPoint().is(path));
    }

    private int count(ContainerId id) throws IOException {
        if (!isMounted(id)) {
            return 0;
        }
        String text = Files.readString(countOf(id), US_ASCII).strip();
        return text.matches("\\d{1,9}") ? Math.max(1, Integer.parseInt(text)) : 1;
    }

    private void write(ContainerId id, int count) throws IOException {
        durable.write(countOf(id), (count + "\n").getBytes(US_ASCII), Durable.Sync.LATER);
    }

    /// Gives a container's root file system as a mount that is nowhere yet. The caller closes it.
    Fd root(ContainerId id, Snapshots.Persistence persistence) throws IOException {
        if (!isMounted(id)) {
            return snapshots.mountDetached(id, persistence);
        }
        return alone(Mounts.openTree(Fd.CWD, point(id).toString(), Mounts.OPEN_TREE_CLONE));
    }

    /// Of no propagation group, and writable.
    private static Fd alone(Fd mount) throws IOException {
        boolean done = false;
        try {
            Mounts.setAttributes(
                    mount, false, 0, Mounts.MOUNT_ATTR_RDONLY, Mounts.MS_PRIVATE, null);
            done = true;
            return mount;
        } finally {
            if (!done) {
                mount.close();
            }
        }
    }

    /// Where a mount comes from.
    interface Origin {
        Fd open() throws IOException;
    }

    /// Mounts a container's root file system on the host, or counts one request more.
    ///
    /// @param origin of the mount, if there is none yet
    /// @return where it is
    Path attach(ContainerId id, Origin origin) throws IOException {
        durable.createDirectories(point(id));
        int count = count(id);
        write(id, count + 1);
        if (count == 0) {
            try (Fd root = alone(origin.open())) {
                Mounts.attach(root, Fd.CWD, point(id).toString());
            } catch (IOException | RuntimeException e) {
                clear(id);
                throw e;
            }
        }
        return point(id);
    }

    /// Undoes one [#attach].
    ///
    /// @param force undo all of them, though somebody may be using the mount
    /// @return false if it is not mounted
    /// @throws Conflict if somebody uses it
    boolean detach(ContainerId id, boolean force) throws IOException {
        int count = count(id);
        if (count == 0) {
            return false;
        }
        if (count > 1 && !force) {
            write(id, count - 1);
            return true;
        }
        try {
            int how = Mounts.UMOUNT_NOFOLLOW | (force ? Mounts.MNT_DETACH : 0);
            Mounts.unmount(point(id).toString(), how);
        } catch (Errno e) {
            if (e.is(Errno.EBUSY)) {
                throw new Conflict("container " + id.hex() + " is mounted and in use", e);
            }
            throw e;
        }
        clear(id);
        return true;
    }

    /// A container goes, and its mount with it.
    void drop(ContainerId id) throws IOException {
        if (Files.exists(directory.resolve(id.hex()))) {
            detach(id, true);
            clear(id);
        }
    }

    /// Only what is empty: what is mounted, against all expectation, is a container's data.
    private void clear(ContainerId id) throws IOException {
        durable.delete(countOf(id));
        Files.deleteIfExists(point(id));
        Files.deleteIfExists(directory.resolve(id.hex()));
    }

    /// Drops the mounts of containers that are gone: their removal was cut short.
    void dropOthers(Set<ContainerId> containers) throws IOException {
        for (ContainerId id : list()) {
            if (!containers.contains(id)) {
                drop(id);
            }
        }
    }

    /// Those that may be mounted.
    private List<ContainerId> list() throws IOException {
        var found = new ArrayList<ContainerId>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (name.matches("[0-9a-f]{64}")) {
                    found.add(new ContainerId(name));
                }
            }
        } catch (NoSuchFileException e) {
            // Nobody has mounted anything yet.
            return List.of();
        }
        return found;
    }
}
