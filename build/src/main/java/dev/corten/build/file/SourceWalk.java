package dev.corten.build.file;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.io.InterruptedIOException;
import org.jspecify.annotations.Nullable;

/// Walks through what a match names, by names, never through a link.
///
/// @param <D> what becomes of a directory
final class SourceWalk<D> {
    private static final int MAX_DEPTH = 1500;

    /// What is made of what is found. A directory is announced before what is in it, unless nothing
    /// of it is taken.
    interface Sink<D> {
        /// @param path relative to the match
        /// @param chosen whether it is wanted itself, and not only something in it
        D enter(D parent, PathBytes name, PathBytes path, Fd directory, Stat stat, boolean chosen)
                throws IOException;

        /// After all that is in it.
        void leave(D made, Fd directory, Stat stat, boolean chosen) throws IOException;

        /// In any case, last.
        void release(D made);

        /// Anything but a directory.
        ///
        /// @param path relative to the match
        /// @param type `DT_*`
        void node(D parent, Fd directory, PathBytes name, PathBytes path, int type)
                throws IOException;
    }

    private final class Level {
        private final @Nullable Level above;
        private final PathBytes name;
        private final PathBytes path;
        private final Fd fd;
        private final Stat stat;
        private final boolean chosen;
        private @Nullable D made;

        Level(
                @Nullable Level above,
                PathBytes name,
                PathBytes path,
                Fd fd,
                Stat stat,
                boolean chosen) {
            this.above = above;
            this.name = name;
            this.path = path;
            this.fd = fd;
            this.stat = stat;
            this.chosen = chosen;
        }

        D made() throws IOException {
            D known = made;
            if (known != null) {
                return known;
            }
            if (above == null) {
                throw new IllegalStateException("the top is made by the caller");
            }
            D fresh = sink.enter(above.made(), name, path, fd, stat, chosen);
            made = fresh;
            return fresh;
        }
    }

    private final Sink<D> sink;
    private final Filter filter;

    SourceWalk(Sink<D> sink, Filter filter) {
        this.sink = sink;
        this.filter = filter;
    }

    /// @param directory of the match; stays open
    /// @param top what it becomes
    void contents(Fd directory, Stat stat, D top) throws IOException {
        var level = new Level(null, PathBytes.of(""), PathBytes.of(""), directory, stat, true);
        level.made = top;
        walk(level, 0);
    }

    private void walk(Level level, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new InvalidParameter(
                    "directories are nested more than " + MAX_DEPTH + " levels deep");
        }
        for (DirectoryEntry entry : Selection.sorted(level.fd)) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("copying was interrupted");
            }
            PathBytes name = entry.name();
            PathBytes path = level.path.isEmpty() ? name : level.path.resolve(name);
            int type = entry.type();
            if (type == DirectoryEntry.UNKNOWN) {
                type = FileCalls.lstat(level.fd, name).type() >> 12; // as `IFTODT` has it
            }
            boolean directory = type == DirectoryEntry.DIRECTORY;
            Filter.Choice choice =
                    filter.takesEverything()
                            ? Filter.Choice.TAKE
                            : filter.choose(path.toString(), directory);
            if (choice == Filter.Choice.LEAVE) {
                continue;
            }
            if (directory) {
                directory(level, name, path, choice == Filter.Choice.TAKE, depth);
            } else if (choice == Filter.Choice.TAKE) {
                sink.node(level.made(), level.fd, name, path, type);
            }
        }
    }

    private void directory(Level above, PathBytes name, PathBytes path, boolean chosen, int depth)
            throws IOException {
        try (Fd fd = FileCalls.openDirectory(above.fd, name)) {
            var level = new Level(above, name, path, fd, FileCalls.stat(fd), chosen);
            try {
                if (chosen) {
                    level.made();
                }
                walk(level, depth + 1);
                if (level.made != null) {
                    sink.leave(level.made, fd, level.stat, chosen);
                }
            } finally {
                if (level.made != null) {
                    sink.release(level.made);
                }
            }
        }
    }
}
