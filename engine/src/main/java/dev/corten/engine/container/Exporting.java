package dev.corten.engine.container;

import dev.corten.archive.TarEntry;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Conflict;
import dev.corten.model.NotFound;
import dev.corten.model.PathBytes;
import dev.corten.model.container.ContainerStatus;
import dev.corten.store.snapshot.LayerTar;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Gives away what a container sees as its root file system, without its volumes: `docker export`.
public final class Exporting {
    /// What every container has, whatever its image has: see [Differences#MADE].
    private static final List<TarEntry> MADE =
            List.of(
                    TarEntry.file(".dockerenv", 0755, 0),
                    TarEntry.directory("dev/", 0755),
                    TarEntry.file("dev/console", 0755, 0),
                    TarEntry.directory("dev/pts/", 0755),
                    TarEntry.directory("dev/shm/", 0755),
                    TarEntry.directory("etc/", 0755),
                    TarEntry.file("etc/hostname", 0755, 0),
                    TarEntry.file("etc/hosts", 0755, 0),
                    TarEntry.symlink("etc/mtab", "/proc/mounts"),
                    TarEntry.file("etc/resolv.conf", 0755, 0),
                    TarEntry.directory("proc/", 0755),
                    TarEntry.directory("sys/", 0755));

    private final Containers containers;
    private final Mounting mounting;
    private final Snapshots snapshots;

    public Exporting(Containers containers, Mounting mounting, Snapshots snapshots) {
        this.containers = containers;
        this.mounting = mounting;
        this.snapshots = snapshots;
    }

    /// @throws NotFound if there is no such container
    public Export export(String reference) {
        return new Export(containers.get(reference));
    }

    /// A container's tar, as yet unread.
    public final class Export {
        private final Container container;

        private Export(Container container) {
            this.container = container;
        }

        public void write(OutputStream out) throws IOException {
            try (Fd mount = mount()) {
                Fd root = FileCalls.openDirectory(mount, ".");
                try (InputStream tar = LayerTar.whole(root, missing(root))) {
                    tar.transferTo(out);
                }
            }
            containers.tell(container, "export", Map.of());
        }

        private Fd mount() throws IOException {
            try {
                return container.status() instanceof ContainerStatus.Running
                        ? mounting.origin(container)
                        : snapshots.mountReadOnly(container.id);
            } catch (NotFound e) {
                throw new Conflict("container " + container.id + " is being removed", e);
            }
        }

        private List<TarEntry> missing(Fd root) throws IOException {
            var missing = new ArrayList<TarEntry>();
            for (TarEntry entry : MADE) {
                PathBytes path = PathBytes.join(entry.name().components());
                if (FileCalls.find(root, path, FileCalls.O_PATH | FileCalls.O_NOFOLLOW)
                        .map(Exporting::close)
                        .isEmpty()) {
                    Instant created = containers.inspect(container.id.hex()).created();
                    missing.add(entry.withMtime(Instant.ofEpochSecond(created.getEpochSecond())));
                }
            }
            return missing;
        }
    }

    private static boolean close(Fd fd) {
        fd.close();
        return true;
    }
}
