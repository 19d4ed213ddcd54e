package dev.corten.store.snapshot;

import dev.corten.archive.unpack.Attributes;
import dev.corten.archive.unpack.LayerUnpack;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.FileSystemStatus;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.kernel.mount.OverlayMount;
import dev.corten.model.NotImplemented;
import dev.corten.model.PathBytes;
import dev.corten.model.container.Change;
import dev.corten.store.StorageDriver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Layers over each other by overlayfs, a container's changes in a directory on top.
final class OverlaySnapshotter implements Snapshotter {
    private static final String WORK = "work";
    private static final String PROBE = ".probe";
    private static final String ATTRIBUTE = "trusted.overlay.corten";

    @Override
    public StorageDriver driver() {
        return StorageDriver.OVERLAY;
    }

    /// Overlayfs wants from the file system of its upper directory: that it is no overlay itself,
    /// tells the types of directory entries, and keeps trusted attributes and devices.
    @Override
    public void check(Path directory) throws IOException {
        try (Fd fd = FileCalls.openDirectory(directory.toString())) {
            FileSystemStatus status = FileData.statfs(fd);
            if (status.type() == FileSystemStatus.OVERLAY) {
                throw unfit(directory, "it is an overlay itself, which overlayfs cannot stack on");
            }
            if (status.type() == FileSystemStatus.NFS) {
                throw unfit(directory, "it is NFS, which cannot hold overlayfs's whiteouts");
            }
            FileCalls.removeIfExists(fd, PROBE);
            try {
                FileCalls.mknod(fd, PROBE, Stat.S_IFCHR, 0, 0);
                boolean typed =
                        Directories.list(fd).stream()
                                .noneMatch(entry -> entry.type() == DirectoryEntry.UNKNOWN);
                if (!typed) {
                    throw unfit(
                            directory,
                            "it does not tell the type of directory entries (d_type; xfs: make it"
                                    + " with ftype=1)");
                }
                Xattrs.set(fd, ATTRIBUTE, new byte[] {'y'}, 0);
                Xattrs.remove(fd, ATTRIBUTE);
            } catch (Errno e) {
                throw unfit(directory, "it cannot hold whiteouts: " + e.description());
            } finally {
                FileCalls.removeIfExists(fd, PROBE);
            }
        }
    }

    private static NotImplemented unfit(Path directory, String reason) {
        return new NotImplemented(
                "file system of "
                        + directory
                        + " cannot be used for images: "
                        + reason
                        + ". Choose another data root, or copies of all files with"
                        + " --storage-driver vfs");
    }

    @Override
    public LayerUnpack.Marks marks() {
        return LayerUnpack.Marks.OVERLAY;
    }

    @Override
    public List<Path> visible(List<Path> layers) {
        return layers;
    }

    @Override
    public void complete(Fd root, LayerSettlement.Hidden hidden, LowerView below) {
        // A layer holds what is its own.
    }

    @Override
    public List<String> parts() {
        return List.of(DIFF, WORK);
    }

    @Override
    public void fill(Fd upper, Fd top) throws IOException {
        // The root directory of an overlay is the upper one's.
        Attributes.copy(top, upper);
    }

    @Override
    public boolean fillsWithFiles() {
        return false;
    }

    @Override
    public Snapshots.Paths paths(Path directory, List<Path> layers) {
        return new Snapshots.Paths(
                layers.isEmpty() ? List.of(directory.resolve(Snapshots.EMPTY)) : layers,
                directory.resolve(DIFF),
                directory.resolve("merged"),
                directory.resolve(WORK));
    }

    @Override
    public Fd mount(Snapshots.Paths paths, Snapshots.Persistence persistence) throws IOException {
        var lower = new ArrayList<Fd>();
        try (Fd upper = FileCalls.openDirectory(paths.upper().toString());
                Fd work = FileCalls.openDirectory(paths.work().toString())) {
            for (Path path : paths.lower()) {
                lower.add(FileCalls.openDirectory(path.toString()));
            }
            boolean isVolatile = persistence == Snapshots.Persistence.VOLATILE;
            if (isVolatile) {
                // The kernel's mark of a mount before, which it takes for one that crashed.
                Path mark = paths.work().resolve("work/incompat/volatile");
                Files.deleteIfExists(mark.resolve("dirty"));
                Files.deleteIfExists(mark);
            }
            return OverlayMount.writable(lower, upper, work, isVolatile).assemble(0);
        } finally {
            lower.forEach(Fd::close);
        }
    }

    /// The upper directory becomes the layer's as it is.
    @Override
    public StagedLayer seal(StepSeal step) throws IOException {
        Snapshots.Paths paths = step.paths();
        try (Fd upper = FileCalls.openDirectory(paths.upper().toString());
                LowerView lower = LowerView.open(step.hasLower() ? paths.lower() : List.of())) {
            StepCleaning.remove(upper, lower, step.leftOut());
            StepCleaning.removeUnchanged(upper, lower, step.passed());
            if (step.clamp().isPresent()) {
                StepCleaning.clamp(upper, step.clamp().get(), path -> true);
            }
        }
        try (InputStream tar =
                LayerTar.of(
                        FileCalls.openDirectory(paths.upper().toString()),
                        LayerTar.View.LAYER,
                        path -> false,
                        List.of(),
                        step.digest())) {
            return step.staged(StepSeal.digestOf(tar));
        }
    }

    @Override
    public List<Change> changes(Snapshots.Paths paths, Set<PathBytes> made) throws IOException {
        try (Fd upper = FileCalls.openDirectory(paths.upper().toString());
                LowerView lower = LowerView.open(paths.lower())) {
            return Changes.of(upper, lower, made);
        }
    }

    /// The layers below are not looked at: what is in the upper directory is what has changed, but
    /// for the mount points in it.
    @Override
    public InputStream changesTar(Snapshots.Paths paths, Set<PathBytes> made) throws IOException {
        Fd upper = FileCalls.openDirectory(paths.upper().toString());
        boolean done = false;
        try {
            var leftOut = new HashSet<PathBytes>();
            for (PathBytes path : made) {
                leftOut.add(PathBytes.join(path.components()));
            }
            for (PathBytes path : List.copyOf(leftOut)) {
                List<PathBytes> names = path.components();
                PathBytes above = PathBytes.join(names.subList(0, names.size() - 1));
                if (names.size() > 1 && hasNothingElse(upper, above, leftOut)) {
                    leftOut.add(above);
                }
            }
            InputStream tar = LayerTar.of(upper, LayerTar.View.LAYER, leftOut::contains);
            done = true;
            return tar;
        } finally {
            if (!done) {
                upper.close();
            }
        }
    }

    /// Whether a directory is only there because of what was put into it.
    private static boolean hasNothingElse(Fd upper, PathBytes path, Set<PathBytes> made)
            throws IOException {
        try (Fd directory =
                FileCalls.open2(
                        upper,
                        path,
                        FileCalls.O_RDONLY | FileCalls.O_DIRECTORY,
                        0,
                        FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS)) {
            return Directories.list(directory).stream()
                    .allMatch(entry -> made.contains(path.resolve(entry.name())));
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public long changedBytes(Snapshots.Paths paths) throws IOException {
        return DiskUsage.of(paths.upper());
    }
}
