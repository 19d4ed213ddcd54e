package dev.corten.cli.build.output;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarReader;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Stat;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Unpacks an archive into a directory that may have files: those of the archive take the place of
/// what has their name. All is the user's; nothing outside of the directory is touched, whatever
/// names and links are in the archive.
public final class UnpackedFiles {
    private static final int NEW_FILE =
            FileCalls.O_WRONLY | FileCalls.O_CREAT | FileCalls.O_EXCL | FileCalls.O_NOFOLLOW;
    private static final int BENEATH = FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS;
    private static final int DIRECTORY = FileCalls.O_RDONLY | FileCalls.O_DIRECTORY;

    private final Fd root;

    /// Modes and times of directories come last: what is put into one changes its time, and one may
    /// not be written to.
    private final List<TarEntry> directories = new ArrayList<>();

    private UnpackedFiles(Fd root) {
        this.root = root;
    }

    /// @param folder is made if it is not there
    public static void unpack(InputStream archive, String folder) throws IOException {
        try {
            Files.createDirectories(Path.of(folder));
        } catch (FileSystemException e) {
            throw FileFailures.of(folder, e);
        }
        var tar = new TarReader(archive, TarReader.End.MARKED);
        try (Fd root = FileCalls.openDirectory(folder)) {
            var files = new UnpackedFiles(root);
            for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
                files.add(entry.get(), tar);
            }
            tar.drain();
            files.finish();
        }
    }

    private void add(TarEntry entry, TarReader tar) throws IOException {
        List<PathBytes> path = names(entry.name());
        if (path.isEmpty()) {
            return;
        }
        PathBytes name = path.getLast();
        try (Fd parent = directory(path.subList(0, path.size() - 1))) {
            switch (entry.kind()) {
                case DIRECTORY -> {
                    ensure(parent, name);
                    directories.add(entry.withName(PathBytes.join(path)));
                }
                case FILE -> {
                    remove(parent, name);
                    file(parent, name, entry, tar);
                }
                case SYMLINK -> {
                    remove(parent, name);
                    FileCalls.symlink(entry.linkTarget(), parent, name);
                    time(parent, name, entry);
                }
                case HARD_LINK -> link(parent, name, entry);
                case FIFO -> {
                    remove(parent, name);
                    FileCalls.mknod(parent, name, Stat.S_IFIFO | entry.mode() & 0777, 0, 0);
                    time(parent, name, entry);
                }
                case CHARACTER_DEVICE, BLOCK_DEVICE -> device(parent, name, entry);
            }
        }
    }

    /// Without `..` and what means nothing.
    private static List<PathBytes> names(PathBytes path) {
        var names = new ArrayList<PathBytes>();
        for (PathBytes name : path.components()) {
            if (!name.is("..")) {
                names.add(name);
            } else if (!names.isEmpty()) {
                names.removeLast();
            }
        }
        return names;
    }

    private Fd directory(List<PathBytes> path) throws IOException {
        if (path.isEmpty()) {
            return root.duplicate();
        }
        PathBytes joined = PathBytes.join(path);
        try {
            return FileCalls.open2(root, joined, DIRECTORY, 0, BENEATH);
        } catch (Errno e) {
            if (!e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                throw e;
            }
        }
        Fd at = root.duplicate();
        for (PathBytes name : path) {
            try (Fd parent = at) {
                ensure(parent, name);
                at = FileCalls.openDirectory(parent, name);
            }
        }
        return at;
    }

    private static void ensure(Fd parent, PathBytes name) throws IOException {
        Optional<Stat> there = FileCalls.findStat(parent, name);
        if (there.isPresent() && there.get().isDirectory()) {
            return;
        }
        if (there.isPresent()) {
            FileCalls.unlink(parent, name);
        }
        FileCalls.mkdir(parent, name, 0755);
    }

    private static void remove(Fd parent, PathBytes name) throws IOException {
        Optional<Stat> there = FileCalls.findStat(parent, name);
        if (there.isEmpty()) {
            return;
        }
        if (there.get().isDirectory()) {
            Directories.deleteTree(parent, name).orThrow();
        } else {
            FileCalls.unlink(parent, name);
        }
    }

    private static void file(Fd parent, PathBytes name, TarEntry entry, TarReader tar)
            throws IOException {
        try (Fd fd = FileCalls.open(parent, name, NEW_FILE, 0600)) {
            try (InputStream data = tar.data();
                    OutputStream out = FileData.outputStream(fd.duplicate())) {
                WholeFile.copy(data, out);
            }
            settle(fd, entry);
        }
    }

    private void link(Fd parent, PathBytes name, TarEntry entry) throws IOException {
        List<PathBytes> target = names(entry.linkTarget());
        if (target.isEmpty()) {
            throw new IOException("hard link " + entry.name() + " has no target");
        }
        try (Fd from =
                target.size() == 1
                        ? root.duplicate()
                        : FileCalls.open2(
                                root,
                                PathBytes.join(target.subList(0, target.size() - 1)),
                                DIRECTORY,
                                0,
                                BENEATH)) {
            remove(parent, name);
            FileCalls.link(from, target.getLast(), parent, name, 0);
        }
    }

    /// Only root can make one; others go without.
    private static void device(Fd parent, PathBytes name, TarEntry entry) throws IOException {
        remove(parent, name);
        boolean character = entry.kind() == TarEntry.Kind.CHARACTER_DEVICE;
        int type = character ? Stat.S_IFCHR : Stat.S_IFBLK;
        try {
            FileCalls.mknod(
                    parent,
                    name,
                    type | entry.mode() & 0777,
                    entry.deviceMajor(),
                    entry.deviceMinor());
        } catch (Errno e) {
            if (!e.is(Errno.EPERM)) {
                throw e;
            }
        }
    }

    private static void time(Fd parent, PathBytes name, TarEntry entry) throws Errno {
        Instant time = entry.mtime();
        long seconds = time.getEpochSecond();
        int nanos = time.getNano();
        FileCalls.times(parent, name, 0, FileCalls.UTIME_OMIT, seconds, nanos);
    }

    private static void settle(Fd fd, TarEntry entry) throws Errno {
        Instant time = entry.mtime();
        long seconds = time.getEpochSecond();
        int nanos = time.getNano();
        FileCalls.chmod(fd, entry.mode());
        FileCalls.times(fd, 0, FileCalls.UTIME_OMIT, seconds, nanos);
    }

    private void finish() throws IOException {
        for (TarEntry entry : directories.reversed()) {
            try (Fd fd = FileCalls.open2(root, entry.name(), DIRECTORY, 0, BENEATH)) {
                settle(fd, entry);
            } catch (Errno e) {
                if (!e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                    throw e; // else something of the archive took its place
                }
            }
        }
    }
}
