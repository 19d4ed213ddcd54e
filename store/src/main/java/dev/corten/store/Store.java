package dev.corten.store;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.FileSystemStatus;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.Conflict;
import dev.corten.model.NotImplemented;
import dev.corten.store.content.Content;
import dev.corten.store.image.Images;
import dev.corten.store.snapshot.LayerImport;
import dev.corten.store.snapshot.Layers;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/// An open data root.
///
/// Opening locks it against other daemons, refuses file systems and formats that cannot work, and
/// repairs what a crash left. Closing only ends the lock: there is nothing to flush.
public final class Store implements AutoCloseable {
    private static final String FORMAT = "1";

    private final Fd lock;
    private final StoreLayout layout;
    private final Durable durable;
    private final Content content;
    private final Layers layers;
    private final Snapshots snapshots;
    private final Images images;

    private Store(
            Fd lock,
            StoreLayout layout,
            Durable durable,
            Content content,
            Layers layers,
            Snapshots snapshots,
            Images images) {
        this.lock = lock;
        this.layout = layout;
        this.durable = durable;
        this.content = content;
        this.layers = layers;
        this.snapshots = snapshots;
        this.images = images;
    }

    /// @param dataRoot an absolute path; made if it is missing, readable by root and its group only
    /// @throws Conflict if another daemon has it open
    /// @throws NotImplemented if its file system or its format cannot be used
    public static Store open(Path dataRoot, Durable durable, Clock clock) throws IOException {
        var layout = new StoreLayout(dataRoot);
        durable.createDirectories(dataRoot);
        Fd lock =
                FileCalls.open(
                        Fd.CWD,
                        layout.lock().toString(),
                        FileCalls.O_RDWR | FileCalls.O_CREAT,
                        0600);
        try {
            if (!FileData.tryLock(lock, true)) {
                throw new Conflict("data root " + dataRoot + " is in use by another daemon");
            }
            checkFormat(layout, durable);
            durable.createDirectories(layout.snapshots());
            checkFileSystem(layout.snapshots());
            var content = new Content(layout, durable);
            content.open();
            var layers = new Layers(layout, durable);
            layers.open();
            var snapshots = new Snapshots(layout, durable, layers);
            snapshots.open();
            var imports = new LayerImport(layout, durable, layers);
            var images = new Images(layout, durable, clock, content, layers, imports);
            images.open();
            return new Store(lock.transfer(), layout, durable, content, layers, snapshots, images);
        } finally {
            lock.close();
        }
    }

    private static void checkFormat(StoreLayout layout, Durable durable) throws IOException {
        if (!Files.exists(layout.format())) {
            durable.write(
                    layout.format(), FORMAT.getBytes(StandardCharsets.US_ASCII), Durable.Sync.NOW);
        }
        String format = Files.readString(layout.format()).strip();
        if (!format.equals(FORMAT)) {
            throw new NotImplemented(
                    "data root "
                            + layout.dataRoot()
                            + " has format "
                            + format
                            + ", this version of Corten knows "
                            + FORMAT
                            + " only");
        }
    }

    /// Overlayfs wants from the file system of its upper directory: that it is no overlay itself,
    /// tells the types of directory entries, and keeps trusted attributes and devices.
    private static void checkFileSystem(Path directory) throws IOException {
        try (Fd fd = FileCalls.openDirectory(directory.toString())) {
            FileSystemStatus status = FileData.statfs(fd);
            if (status.type() == FileSystemStatus.OVERLAY) {
                throw unfit(directory, "it is an overlay itself, which overlayfs cannot stack on");
            }
            if (status.type() == FileSystemStatus.NFS) {
                throw unfit(directory, "it is NFS, which cannot hold overlayfs's whiteouts");
            }
            String probe = ".probe";
            FileCalls.removeIfExists(fd, probe);
            try {
                FileCalls.mknod(fd, probe, Stat.S_IFCHR, 0, 0);
                boolean typed =
                        dev.corten.kernel.file.Directories.list(fd).stream()
                                .noneMatch(entry ->
                                        entry.type()
                                                == dev.corten.kernel.file.DirectoryEntry.UNKNOWN);
                if (!typed) {
                    throw unfit(
                            directory,
                            "it does not tell the type of directory entries (d_type; xfs: make it"
                                    + " with ftype=1)");
                }
                Xattrs.set(fd, "trusted.overlay.corten", new byte[] {'y'}, 0);
                Xattrs.remove(fd, "trusted.overlay.corten");
            } catch (Errno e) {
                throw unfit(directory, "it cannot hold whiteouts: " + e.description());
            } finally {
                FileCalls.removeIfExists(fd, probe);
            }
        }
    }

    private static NotImplemented unfit(Path directory, String reason) {
        return new NotImplemented(
                "file system of " + directory + " cannot be used for images: " + reason);
    }

    public StoreLayout layout() {
        return layout;
    }

    public Durable durable() {
        return durable;
    }

    public Content content() {
        return content;
    }

    public Layers layers() {
        return layers;
    }

    public Snapshots snapshots() {
        return snapshots;
    }

    public Images images() {
        return images;
    }

    @Override
    public void close() {
        lock.close();
    }
}
