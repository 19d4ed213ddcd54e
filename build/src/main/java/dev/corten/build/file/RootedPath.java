package dev.corten.build.file;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.model.PathBytes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// Paths in a root that others have filled: links in it lead to places in it.
final class RootedPath {
    /// For what has been resolved: should somebody have put a link there since, it fails.
    static final int BENEATH = FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS;

    private static final int IN_ROOT = FileCalls.RESOLVE_IN_ROOT | FileCalls.RESOLVE_NO_MAGICLINKS;
    private static final int MAX_LINKS = 255;

    private RootedPath() {}

    /// Opens what a path leads to; empty if there is nothing.
    static Optional<Fd> open(Fd root, String path, int flags) throws Errno {
        try {
            return Optional.of(FileCalls.open2(root, path, flags, 0, IN_ROOT));
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// Opens a directory by its resolved path.
    ///
    /// @param path relative, without links; empty for the root
    static Fd directory(Fd root, PathBytes path) throws Errno {
        return FileCalls.open2(
                root,
                path.isEmpty() ? PathBytes.of(".") : path,
                FileCalls.O_RDONLY | FileCalls.O_DIRECTORY,
                0,
                BENEATH);
    }

    /// The attributes of a resolved path; empty if there is nothing.
    static Optional<Stat> stat(Fd root, PathBytes path) throws Errno {
        if (path.isEmpty()) {
            return Optional.of(FileCalls.stat(root));
        }
        int flags = FileCalls.O_PATH | FileCalls.O_NOFOLLOW;
        try (Fd fd = FileCalls.open2(root, path, flags, 0, BENEATH)) {
            return Optional.of(FileCalls.stat(fd));
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ENOTDIR)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// Where a path leads to: a path from the root without links and `..`. What does not exist is
    /// taken as it is written, behind a link too.
    ///
    /// @return relative; empty for the root
    /// @throws Errno ENOTDIR if it goes on behind a file, ELOOP for too many links
    static PathBytes resolve(Fd root, PathBytes path) throws Errno {
        Deque<PathBytes> left = new ArrayDeque<>(path.components());
        var real = new ArrayList<PathBytes>();
        int links = 0;
        while (!left.isEmpty()) {
            PathBytes name = left.pop();
            if (name.is("..")) {
                if (!real.isEmpty()) {
                    real.removeLast();
                }
                continue;
            }
            real.add(name);
            Optional<PathBytes> target = link(root, real, !left.isEmpty());
            if (target.isPresent()) {
                if (++links > MAX_LINKS) {
                    throw new Errno(Errno.ELOOP, "lstat", "/" + path);
                }
                real.removeLast();
                if (target.get().isAbsolute()) {
                    real.clear();
                }
                for (PathBytes component : target.get().components().reversed()) {
                    left.push(component);
                }
            }
        }
        return real.isEmpty() ? PathBytes.of("") : PathBytes.join(real);
    }

    private static Optional<PathBytes> link(Fd root, List<PathBytes> real, boolean goesOn)
            throws Errno {
        PathBytes path = PathBytes.join(real);
        int flags = FileCalls.O_PATH | FileCalls.O_NOFOLLOW;
        try (Fd fd = FileCalls.open2(root, path, flags, 0, BENEATH)) {
            Stat stat = FileCalls.stat(fd);
            if (stat.isSymlink()) {
                return Optional.of(FileCalls.readlink(fd, ""));
            }
            if (goesOn && !stat.isDirectory()) {
                throw new Errno(Errno.ENOTDIR, "lstat", "/" + path);
            }
            return Optional.empty();
        } catch (Errno e) {
            if (e.is(Errno.ENOENT)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// The path of the directory that a resolved path is in.
    static PathBytes parent(PathBytes path) {
        List<PathBytes> names = path.components();
        return names.size() < 2
                ? PathBytes.of("")
                : PathBytes.join(names.subList(0, names.size() - 1));
    }

    static PathBytes name(PathBytes path) {
        return path.components().getLast();
    }
}
