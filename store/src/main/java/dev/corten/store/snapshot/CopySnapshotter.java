package dev.corten.store.snapshot;

import dev.corten.archive.unpack.LayerUnpack;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.mount.Mounts;
import dev.corten.model.NotImplemented;
import dev.corten.model.PathBytes;
import dev.corten.model.container.Change;
import dev.corten.store.StorageDriver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Whole trees. A layer has everything that is below it too, by hard links where it can: layers never
/// change. A container has files of its own, which share their blocks with the layer's where the
/// file system can do that.
final class CopySnapshotter implements Snapshotter {
    private static final String PROBE = ".probe";
    private static final int OTHER_USER = 65534;

    @Override
    public StorageDriver driver() {
        return StorageDriver.COPY;
    }

    /// Files of an image belong to many users.
    @Override
    public void check(Path directory) throws IOException {
        try (Fd fd = FileCalls.openDirectory(directory.toString())) {
            FileCalls.removeIfExists(fd, PROBE);
            try {
                FileCalls.mknod(fd, PROBE, Stat.S_IFSOCK, 0, 0);
                FileCalls.chown(fd, PROBE, OTHER_USER, OTHER_USER);
                FileCalls.chmod(fd, PROBE, 04755);
            } catch (Errno e) {
                throw new NotImplemented(
                        "file system of "
                                + directory
                                + " cannot be used for images: it does not keep owners and modes: "
                                + e.description());
            } finally {
                FileCalls.removeIfExists(fd, PROBE);
            }
        }
    }

    @Override
    public LayerUnpack.Marks marks() {
        return LayerUnpack.Marks.PLAIN;
    }

    @Override
    public List<Path> visible(List<Path> layers) {
        return layers.isEmpty() ? List.of() : List.of(layers.getFirst());
    }

    @Override
    public void complete(Fd root, LayerSettlement.Hidden hidden, LowerView below)
            throws IOException {
        for (PathBytes whiteout : hidden.whiteouts()) {
            LayerSettlement.removeMark(root, whiteout);
        }
        if (!below.isEmpty()) {
            try (Fd from = below.topRoot()) {
                TreeCopy.fill(from, root, TreeCopy.Sharing.LINKS, hidden);
            }
        }
    }

    @Override
    public List<String> parts() {
        return List.of(DIFF);
    }

    @Override
    public void fill(Fd upper, Fd top) throws IOException {
        TreeCopy.copy(top, upper);
    }

    @Override
    public boolean fillsWithFiles() {
        return true;
    }

    @Override
    public Snapshots.Paths paths(Path directory, List<Path> layers) {
        Path diff = directory.resolve(DIFF);
        return new Snapshots.Paths(visible(layers), diff, diff, directory.resolve("work"));
    }

    @Override
    public Fd mount(Snapshots.Paths paths, Snapshots.Persistence persistence) throws IOException {
        return Mounts.openTree(Fd.CWD, paths.upper().toString(), Mounts.OPEN_TREE_CLONE);
    }

    @Override
    public List<Change> changes(Snapshots.Paths paths, Set<PathBytes> made) throws IOException {
        try (Fd tree = FileCalls.openDirectory(paths.upper().toString());
                LowerView lower = LowerView.open(paths.lower())) {
            return Changes.between(lower, tree, made);
        }
    }

    /// What has changed is told by times too, so they are only touched afterwards.
    @Override
    public StagedLayer seal(StepSeal step) throws IOException {
        Path tree = step.paths().upper();
        var made = new HashSet<PathBytes>();
        step.leftOut().forEach(path -> made.add(PathBytes.of("/").resolve(path)));
        Changed changed = changed(step.paths(), made);
        if (step.clamp().isPresent()) {
            try (Fd root = FileCalls.openDirectory(tree.toString())) {
                StepCleaning.clamp(root, step.clamp().get(), changed.kept()::contains);
            }
        }
        try (InputStream tar = changed.tar(tree, step.digest())) {
            return step.unpacked(tar);
        }
    }

    @Override
    public InputStream changesTar(Snapshots.Paths paths, Set<PathBytes> made) throws IOException {
        return changed(paths, made).tar(paths.upper(), LayerTar.Watch.NOBODY);
    }

    /// Relative paths.
    private record Changed(Set<PathBytes> kept, List<PathBytes> deleted) {
        InputStream tar(Path tree, LayerTar.Watch watch) throws IOException {
            return LayerTar.of(
                    FileCalls.openDirectory(tree.toString()),
                    LayerTar.View.WHOLE,
                    path -> !kept.contains(path),
                    deleted,
                    watch);
        }
    }

    private Changed changed(Snapshots.Paths paths, Set<PathBytes> made) throws IOException {
        var kept = new HashSet<PathBytes>();
        var deleted = new ArrayList<PathBytes>();
        for (Change change : changes(paths, made)) {
            PathBytes path = PathBytes.join(change.path().components());
            if (change.kind() == Change.Kind.DELETED) {
                deleted.add(path);
            } else {
                kept.add(path);
            }
        }
        return new Changed(kept, deleted);
    }

    @Override
    public long changedBytes(Snapshots.Paths paths) throws IOException {
        long bytes = 0;
        var counted = new HashSet<TreeCopy.Inode>();
        try (Fd tree = FileCalls.openDirectory(paths.upper().toString())) {
            for (Change change : changes(paths, Set.of())) {
                if (change.kind() != Change.Kind.DELETED) {
                    Optional<Stat> stat =
                            FileCalls.findStat(tree, PathBytes.join(change.path().components()));
                    // Files that come and go meanwhile may be counted or not.
                    if (stat.isPresent()
                            && !stat.get().isDirectory()
                            && counted.add(TreeCopy.Inode.of(stat.get()))) {
                        bytes += stat.get().size();
                    }
                }
            }
        }
        return bytes;
    }
}
