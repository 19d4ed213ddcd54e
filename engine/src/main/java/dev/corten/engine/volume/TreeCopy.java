package dev.corten.engine.volume;

import dev.corten.archive.unpack.Attributes;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileCopies;
import dev.corten.kernel.file.Stat;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/// Copies the contents of a directory with owners, modes, extended attributes, times and hard
/// links, by descriptors: no path of what is copied is ever walked, no link followed.
final class TreeCopy {
    /// Each level holds two descriptors.
    private static final int DEEPEST = 1000;

    private record Inode(long device, long number) {}

    /// The first of several names of a file. Its directory was copied before: a name from the top.
    private final Map<Inode, PathBytes> linked = new HashMap<>();

    private final Fd top;
    private boolean anyData;

    private TreeCopy(Fd top) {
        this.top = top;
    }

    /// @param from open for reading
    /// @param to an empty directory, or one that others write to; gets the attributes of [from] too
    /// @return whether there was a file with something in it
    static boolean copy(Fd from, Fd to) throws IOException {
        var copy = new TreeCopy(to);
        copy.directory(from, to, PathBytes.of("."), 0);
        return copy.anyData;
    }

    private void directory(Fd from, Fd to, PathBytes path, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw new IOException("directories are nested too deeply to be copied");
        }
        for (DirectoryEntry entry : Directories.list(from)) {
            entry(from, to, entry.name(), path.resolve(entry.name()), depth);
        }
        // Last, since every new name in it changes its time.
        Attributes.copy(from, to);
    }

    private void entry(Fd from, Fd to, PathBytes name, PathBytes path, int depth)
            throws IOException {
        Stat stat = FileCalls.lstat(from, name);
        if (stat.isDirectory()) {
            FileCalls.mkdir(to, name, 0700);
            try (Fd inner = FileCalls.openDirectory(from, name);
                    Fd copy = FileCalls.openDirectory(to, name)) {
                directory(inner, copy, path, depth + 1);
            }
            return;
        }
        if (stat.links() > 1) {
            PathBytes first = linked.putIfAbsent(new Inode(stat.device(), stat.inode()), path);
            if (first != null) {
                FileCalls.link(top, first, to, name, 0);
                return;
            }
        }
        switch (stat.type()) {
            case Stat.S_IFREG -> file(from, to, name);
            case Stat.S_IFLNK -> {
                FileCalls.symlink(FileCalls.readlink(from, name), to, name);
                Attributes.copy(from, name, to, name);
            }
            case Stat.S_IFCHR, Stat.S_IFBLK, Stat.S_IFIFO, Stat.S_IFSOCK -> node(from, to, name);
            default -> throw new IOException("what kind of file is " + name + "?");
        }
    }

    private void file(Fd from, Fd to, PathBytes name) throws Errno {
        int exclusive =
                FileCalls.O_WRONLY
                        | FileCalls.O_CREAT
                        | FileCalls.O_EXCL
                        | FileCalls.O_NOFOLLOW
                        | FileCalls.O_CLOEXEC;
        try (Fd source =
                        FileCalls.open(
                                from,
                                name,
                                FileCalls.O_RDONLY | FileCalls.O_NOFOLLOW | FileCalls.O_CLOEXEC);
                Fd copy = FileCalls.open(to, name, exclusive, 0600)) {
            anyData |= FileCopies.all(source, copy) > 0;
            Attributes.copy(source, copy);
        }
    }

    private static void node(Fd from, Fd to, PathBytes name) throws Errno {
        Stat stat = FileCalls.lstat(from, name);
        boolean whiteout = stat.type() == Stat.S_IFCHR && stat.rdev() == 0;
        if (!whiteout) {
            FileCalls.mknod(to, name, stat.type() | 0600, stat.rdevMajor(), stat.rdevMinor());
            Attributes.copy(from, name, to, name);
        }
    }
}
