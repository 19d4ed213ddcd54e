package dev.corten.engine.build.step;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.model.PathBytes;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// Makes what a step's mounts are mounted on, and takes it away again when the step has ended, with
/// the directories that were made on the way: no layer shows that there was a mount.
///
/// The root is hostile. Every name is looked up in an open directory that was reached from the root,
/// and no link is followed but by reading it here. What is taken away is what was made: an empty
/// file or directory by the same number, in the directory where it was made, wherever that is now
/// (CVE-2024-23652).
///
/// For one thread.
final class MountPoints implements AutoCloseable {
    private static final Logger LOG = System.getLogger(MountPoints.class.getName());
    private static final int LINKS_MAX = 40;
    private static final int DIRECTORY_MODE = 0755;
    private static final int FILE_MODE = 0644;
    private static final PathBytes SELF = PathBytes.of(".");

    private final Fd root;
    private final List<Made> made = new ArrayList<>();

    /// @param parent where it was made; a descriptor of our own
    /// @param stat its own
    /// @param before the parent's just before
    /// @param after the parent's just after
    private record Made(Fd parent, PathBytes name, Stat stat, Stat before, Stat after) {}

    /// @param root stays the caller's
    MountPoints(Fd root) {
        this.root = root;
    }

    /// Makes what is missing of a path. What cannot be made is left to the mount, which says why.
    ///
    /// @param directory whether a directory is to be mounted there, or a file
    void ensure(PathBytes path, boolean directory) {
        var walk = new Walk();
        try {
            walk.go(path, directory);
        } catch (Errno e) {
            LOG.log(Level.DEBUG, () -> "mount point " + path, e);
        } finally {
            walk.close();
        }
    }

    /// One walk from the root to a mount point.
    private final class Walk {
        private final Deque<Fd> way = new ArrayDeque<>();
        private final Deque<PathBytes> names = new ArrayDeque<>();
        private int links;

        void go(PathBytes path, boolean directory) throws Errno {
            names.addAll(path.components());
            while (!names.isEmpty()) {
                PathBytes name = names.removeFirst();
                if (name.is(".")) {
                    continue;
                }
                if (name.is("..")) {
                    up();
                    continue;
                }
                Fd next = open(name, directory || !names.isEmpty());
                way.addLast(next);
                Stat stat = FileCalls.stat(next);
                if (stat.isSymlink()) {
                    follow(next);
                } else if (!stat.isDirectory()) {
                    // A file: either this is the end, or the mount fails with the right words.
                    return;
                }
            }
        }

        private Fd here() {
            return way.isEmpty() ? root : way.getLast();
        }

        private void up() {
            if (!way.isEmpty()) {
                way.removeLast().close();
            }
        }

        private Fd open(PathBytes name, boolean directory) throws Errno {
            int flags = FileCalls.O_PATH | FileCalls.O_NOFOLLOW;
            Optional<Fd> found = FileCalls.find(here(), name, flags);
            if (found.isPresent()) {
                return found.get();
            }
            Stat before = FileCalls.stat(here());
            if (directory) {
                FileCalls.mkdir(here(), name, DIRECTORY_MODE);
                FileCalls.chmod(here(), name, DIRECTORY_MODE);
            } else {
                FileCalls.mknod(here(), name, Stat.S_IFREG | FILE_MODE, 0, 0);
            }
            Fd parent = FileCalls.open(here(), SELF, FileCalls.O_PATH | FileCalls.O_DIRECTORY);
            try {
                Fd fresh = FileCalls.open(parent, name, flags);
                made.add(
                        new Made(
                                parent.transfer(),
                                name,
                                FileCalls.stat(fresh),
                                before,
                                FileCalls.stat(here())));
                return fresh;
            } finally {
                parent.close();
            }
        }

        /// The link is the last step of the way so far.
        private void follow(Fd link) throws Errno {
            PathBytes target = FileCalls.readlink(link, PathBytes.of(""));
            up();
            if (++links > LINKS_MAX) {
                names.clear();
                return;
            }
            if (target.isAbsolute()) {
                close();
            }
            List<PathBytes> components = target.components();
            for (int i = components.size() - 1; i >= 0; i--) {
                names.addFirst(components.get(i));
            }
        }

        void close() {
            way.forEach(Fd::close);
            way.clear();
        }
    }

    /// Takes away what was made and is still empty. The directories get back the times that they
    /// had, unless the step itself has changed them.
    void remove() {
        for (Made one : made.reversed()) {
            try {
                remove(one);
            } catch (Errno e) {
                LOG.log(Level.WARNING, () -> "mount point " + one.name() + " stays", e);
            }
        }
    }

    private static void remove(Made one) throws Errno {
        Fd parent = one.parent();
        Optional<Stat> found = FileCalls.findStat(parent, one.name());
        if (found.isEmpty() || !found.get().sameFile(one.stat())) {
            return;
        }
        Stat times = FileCalls.stat(parent);
        try {
            if (found.get().isDirectory()) {
                FileCalls.rmdir(parent, one.name());
            } else if (found.get().size() == 0) {
                FileCalls.unlink(parent, one.name());
            } else {
                return;
            }
        } catch (Errno e) {
            // The step has put something into it, which is a change that it has made.
            if (e.isAny(Errno.ENOTEMPTY, Errno.EEXIST)) {
                return;
            }
            throw e;
        }
        Stat restored = isSameTime(times, one.after()) ? one.before() : times;
        FileCalls.times(
                parent,
                SELF,
                0,
                FileCalls.UTIME_OMIT,
                restored.modifySeconds(),
                restored.modifyNanos());
    }

    private static boolean isSameTime(Stat a, Stat b) {
        return a.modifySeconds() == b.modifySeconds() && a.modifyNanos() == b.modifyNanos();
    }

    @Override
    public void close() {
        made.forEach(one -> one.parent().close());
        made.clear();
    }
}
