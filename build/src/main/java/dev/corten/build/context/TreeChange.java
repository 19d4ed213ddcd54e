package dev.corten.build.context;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Turns the files of one list into those of the next.
final class TreeChange {
    private static final int BENEATH = FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS;
    private static final int DIRECTORY = FileCalls.O_RDONLY | FileCalls.O_DIRECTORY;

    private final Path tree;
    private final Path incoming;

    /// @param tree where the files are
    /// @param incoming where new files are, by their positions in the next list
    TreeChange(Path tree, Path incoming) {
        this.tree = tree;
        this.incoming = incoming;
    }

    /// Begins with nothing.
    void begin() throws IOException {
        FileCalls.mkdir(Fd.CWD, tree.toString(), 0700);
        FileCalls.chmod(Fd.CWD, tree.toString(), 0755);
    }

    /// Begins with hard links to what is elsewhere.
    void begin(ContextIndex list, Path from) throws IOException {
        begin();
        try (Fd source = FileCalls.openDirectory(from.toString());
                Fd target = FileCalls.openDirectory(tree.toString());
                var sources = new Parents(source);
                var targets = new Parents(target)) {
            for (int i = 0; i < list.count(); i++) {
                ListEntry entry = list.entry(i);
                Parents.Place to = targets.of(entry.path());
                if (entry.isDirectory()) {
                    FileCalls.mkdir(to.parent(), to.name(), 0700);
                } else {
                    Parents.Place at = sources.of(entry.path());
                    FileCalls.link(at.parent(), at.name(), to.parent(), to.name(), 0);
                }
            }
            directories(target, list);
        }
    }

    /// @param before what the tree has now; null: nothing
    void apply(ContextIndex next, @Nullable ContextIndex before) throws IOException {
        try (Fd root = FileCalls.openDirectory(tree.toString());
                Fd staged = FileCalls.openDirectory(incoming.toString());
                var parents = new Parents(root);
                var firsts = new Parents(root)) {
            if (before != null) {
                removeOld(next, before, parents);
            }
            int old = 0;
            int oldCount = before == null ? 0 : before.count();
            for (int i = 0; i < next.count(); i++) {
                ListEntry entry = next.entry(i);
                boolean same = false;
                boolean was = false;
                if (before != null) {
                    byte[] path = entry.pathBytes();
                    int order = -1;
                    while (old < oldCount) {
                        if (before.isSame(old, entry)) {
                            order = 0;
                            break;
                        }
                        order = ListEntry.compare(before.entry(old).pathBytes(), path);
                        if (order >= 0) {
                            break;
                        }
                        old++;
                    }
                    was = old < oldCount && order == 0;
                    same = was && before.isSame(old, entry);
                }
                if (same) {
                    continue;
                }
                boolean stays = was && before != null && before.entry(old).isDirectory();
                put(i, entry, stays, staged, parents, firsts);
            }
            directories(root, next);
        }
    }

    private static void put(
            int i, ListEntry entry, boolean stays, Fd staged, Parents parents, Parents firsts)
            throws IOException {
        Parents.Place to = parents.of(entry.path());
        if (entry.isDirectory()) {
            if (!stays) {
                FileCalls.mkdir(to.parent(), to.name(), 0700);
            }
        } else if (entry.isHardLink()) {
            FileCalls.removeIfExists(to.parent(), to.name());
            Parents.Place first = firsts.of(entry.link());
            FileCalls.link(first.parent(), first.name(), to.parent(), to.name(), 0);
        } else if (entry.isFile()) {
            FileCalls.rename(staged, PathBytes.of(Integer.toString(i)), to.parent(), to.name(), 0);
        } else {
            FileCalls.removeIfExists(to.parent(), to.name());
            FileMetadata.make(to.parent(), to.name(), entry);
        }
    }

    /// What is not in the next list, and what is another kind of thing there.
    private static void removeOld(ContextIndex next, ContextIndex before, Parents parents)
            throws IOException {
        int at = 0;
        byte[] gone = {};
        for (int old = 0; old < before.count(); old++) {
            ListEntry entry = before.entry(old);
            byte[] path = entry.pathBytes();
            if (gone.length > 0
                    && path.length > gone.length
                    && path[gone.length] == '/'
                    && Arrays.equals(path, 0, gone.length, gone, 0, gone.length)) {
                continue; // went with its directory
            }
            int order = 1;
            while (at < next.count()) {
                order = ListEntry.compare(next.entry(at).pathBytes(), path);
                if (order >= 0) {
                    break;
                }
                at++;
            }
            boolean there = at < next.count() && order == 0;
            if (there && next.entry(at).isDirectory() == entry.isDirectory()) {
                continue;
            }
            Parents.Place place = parents.of(entry.path());
            if (entry.isDirectory()) {
                Directories.deleteTree(place.parent(), place.name()).orThrow();
                gone = path;
            } else {
                FileCalls.unlink(place.parent(), place.name());
            }
        }
        parents.forget();
    }

    /// Attributes come last: what is put into a directory changes its time.
    private static void directories(Fd root, ContextIndex list) throws IOException {
        for (int i = 0; i < list.count(); i++) {
            ListEntry entry = list.entry(i);
            if (entry.isDirectory()) {
                try (Fd fd = FileCalls.open2(root, entry.path(), DIRECTORY, 0, BENEATH)) {
                    FileMetadata.set(fd, entry);
                }
            }
        }
    }

    /// The directories of paths that come in the order of a list.
    private static final class Parents implements AutoCloseable {
        private static final PathBytes NONE = PathBytes.of("");

        private final Fd root;
        private PathBytes path = NONE;
        private @Nullable Fd directory;

        /// @param parent stays ours until the next call
        private record Place(Fd parent, PathBytes name) {}

        private Parents(Fd root) {
            this.root = root;
        }

        Place of(PathBytes file) throws Errno {
            List<PathBytes> names = file.components();
            if (names.size() == 1) {
                return new Place(root, file);
            }
            PathBytes parent = PathBytes.join(names.subList(0, names.size() - 1));
            Fd known = directory;
            if (known == null || !parent.equals(path)) {
                forget();
                known = FileCalls.open2(root, parent, DIRECTORY, 0, BENEATH);
                directory = known;
                path = parent;
            }
            return new Place(known, names.getLast());
        }

        void forget() {
            if (directory != null) {
                directory.close();
                directory = null;
            }
        }

        @Override
        public void close() {
            forget();
        }
    }
}
