package dev.corten.store.snapshot;

import dev.corten.archive.unpack.Attributes;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileCopies;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Copies the tree of a layer, which nobody changes meanwhile, into a tree that nobody sees yet.
/// Owners, modes, attributes, times and hard links are kept.
final class TreeCopy {
    private static final PathBytes ROOT = PathBytes.of(".");
    private static final int DIRECTORY = FileCalls.O_RDONLY | FileCalls.O_DIRECTORY;
    private static final int NEW_FILE = FileCalls.O_WRONLY | FileCalls.O_CREAT | FileCalls.O_EXCL;
    private static final int BENEATH = FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS;

    private static final String OPAQUE = "trusted.overlay.opaque";

    /// What the two trees have in common afterwards.
    enum Sharing {
        /// Each file, by a hard link: for trees that both never change.
        LINKS,

        /// Nothing.
        NOTHING
    }

    /// What is one file under several names.
    record Inode(long device, long number) {
        static Inode of(Stat stat) {
            return new Inode(stat.device(), stat.inode());
        }
    }

    private final Fd from;
    private final Fd to;
    private final Sharing sharing;
    private final LayerSettlement.Hidden hidden;
    private final boolean keepsOpaque;

    /// Directories to be looked at: paths and not descriptors, as a tree may be deep.
    private final Deque<PathBytes> left = new ArrayDeque<>();

    /// Where the first of several names of a file went.
    private final Map<Inode, PathBytes> copied = new HashMap<>();

    private TreeCopy(
            Fd from, Fd to, Sharing sharing, LayerSettlement.Hidden hidden, boolean keepsOpaque) {
        this.keepsOpaque = keepsOpaque;
        this.from = from;
        this.to = to;
        this.sharing = sharing;
        this.hidden = hidden;
    }

    /// Makes an empty directory like another one.
    static void copy(Fd from, Fd to) throws IOException {
        new TreeCopy(from, to, Sharing.NOTHING, LayerSettlement.Hidden.NOTHING, false).run();
        Attributes.copy(from, to);
    }

    /// Makes an empty directory like another one, of the same files.
    static void link(Fd from, Fd to) throws IOException {
        new TreeCopy(from, to, Sharing.LINKS, LayerSettlement.Hidden.NOTHING, true).run();
        Attributes.copy(from, to);
    }

    /// Makes an empty directory like the upper directory of an overlay, which hides something of what
    /// it lies on. Of overlayfs's own attributes only those that say so are taken along: the others
    /// speak of the lower directories there.
    static void copyChanges(Fd from, Fd to) throws IOException {
        new TreeCopy(from, to, Sharing.NOTHING, LayerSettlement.Hidden.NOTHING, true).run();
        Attributes.copy(from, to);
    }

    /// Adds to a layer what it lies on: what it has itself stays, and what it hides stays away.
    static void fill(Fd from, Fd to, Sharing sharing, LayerSettlement.Hidden hidden)
            throws IOException {
        Stat before = FileCalls.stat(to);
        new TreeCopy(from, to, sharing, hidden, false).run();
        restoreTimes(to, before);
    }

    private void run() throws IOException {
        left.add(ROOT);
        while (!left.isEmpty()) {
            PathBytes path = left.pop();
            if (!hidden.opaques().contains(path)) {
                try (Fd source = FileCalls.open2(from, path, DIRECTORY, 0, BENEATH);
                        Fd target = FileCalls.open2(to, path, DIRECTORY, 0, BENEATH)) {
                    directory(source, target, path);
                }
            }
        }
    }

    private void directory(Fd source, Fd target, PathBytes path) throws IOException {
        Stat before = FileCalls.stat(target);
        for (DirectoryEntry entry : Directories.list(source)) {
            PathBytes name = entry.name();
            PathBytes child = path.equals(ROOT) ? name : path.resolve(name);
            if (!hidden.whiteouts().contains(child)) {
                entry(source, target, name, child);
            }
        }
        restoreTimes(target, before);
    }

    private void entry(Fd source, Fd target, PathBytes name, PathBytes path) throws IOException {
        Stat stat = FileCalls.lstat(source, name);
        Optional<Stat> own = FileCalls.findStat(target, name);
        if (own.isPresent()) {
            if (own.get().isDirectory() && stat.isDirectory()) {
                left.add(path);
            }
            return;
        }
        if (stat.isDirectory()) {
            FileCalls.mkdir(target, name, 0700);
            try (Fd below = FileCalls.open2(source, name, DIRECTORY, 0, BENEATH);
                    Fd made = FileCalls.open2(target, name, DIRECTORY, 0, BENEATH)) {
                // What is put into it later leaves its times.
                Attributes.copy(below, made);
                if (keepsOpaque && Xattrs.get(below, OPAQUE).isPresent()) {
                    Xattrs.set(made, OPAQUE, new byte[] {'y'}, 0);
                }
            }
            left.add(path);
        } else if (!linked(source, target, name, path, stat)) {
            copy(source, target, name, stat);
        }
    }

    /// Whether a hard link did it.
    private boolean linked(Fd source, Fd target, PathBytes name, PathBytes path, Stat stat)
            throws IOException {
        if (sharing == Sharing.LINKS) {
            try {
                FileCalls.link(source, name, target, name, 0);
                return true;
            } catch (Errno e) {
                // EMLINK: it has as many names as can be; the others: no links here at all.
                if (!e.isAny(Errno.EMLINK, Errno.EPERM, Errno.EOPNOTSUPP)) {
                    throw e;
                }
            }
        }
        if (stat.links() < 2) {
            return false;
        }
        PathBytes first = copied.putIfAbsent(Inode.of(stat), path);
        if (first == null) {
            return false;
        }
        FileCalls.link(to, first, target, name, 0);
        return true;
    }

    private static void copy(Fd source, Fd target, PathBytes name, Stat stat) throws IOException {
        if (stat.isRegular()) {
            try (Fd in = FileCalls.open2(source, name, FileCalls.O_RDONLY, 0, BENEATH);
                    Fd out = FileCalls.open2(target, name, NEW_FILE, 0600, BENEATH)) {
                FileCopies.all(in, out);
                Attributes.copy(in, out);
            }
            return;
        }
        if (stat.isSymlink()) {
            FileCalls.symlink(FileCalls.readlink(source, name), target, name);
        } else {
            FileCalls.mknod(target, name, stat.mode(), stat.rdevMajor(), stat.rdevMinor());
        }
        Attributes.copy(source, name, target, name);
    }

    private static void restoreTimes(Fd directory, Stat before) throws Errno {
        FileCalls.times(
                directory,
                before.modifySeconds(),
                before.modifyNanos(),
                before.modifySeconds(),
                before.modifyNanos());
    }
}
