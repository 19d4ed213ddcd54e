package dev.corten.store.snapshot;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.mount.Mounts;
import dev.corten.kernel.mount.OverlayMount;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// What a stack of layers looks like from above. Mounted only when someone looks, and by nobody
/// else seen: a detached, read-only overlay.
final class LowerView implements AutoCloseable {
    private static final int WITHOUT_LINKS =
            FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS;
    private static final int MAX_LINKS_FOLLOWED = 40;

    private final List<Path> diffs;
    private Optional<Fd> root = Optional.empty();

    private LowerView(List<Path> diffs) {
        this.diffs = List.copyOf(diffs);
    }

    /// @param diffs the layers' directories, top first; none is a view of nothing
    static LowerView open(List<Path> diffs) {
        return new LowerView(diffs);
    }

    boolean isEmpty() {
        return diffs.isEmpty();
    }

    /// The root directory of the top layer: its attributes are those of the view.
    Fd topRoot() throws Errno {
        return FileCalls.openDirectory(diffs.getFirst().toString());
    }

    private Fd root() throws IOException {
        if (root.isEmpty()) {
            root = Optional.of(diffs.size() == 1 ? topRoot() : mount());
        }
        return root.get();
    }

    private Fd mount() throws IOException {
        var layers = new ArrayList<Fd>();
        try {
            for (Path diff : diffs) {
                layers.add(FileCalls.openDirectory(diff.toString()));
            }
            return OverlayMount.readOnly(layers).assemble(Mounts.MOUNT_ATTR_RDONLY);
        } finally {
            layers.forEach(Fd::close);
        }
    }

    /// Opens what a path without links names, `O_PATH`; a final link itself.
    Optional<Fd> find(PathBytes path) throws IOException {
        return find(path, FileCalls.O_PATH | FileCalls.O_NOFOLLOW);
    }

    Optional<Fd> find(PathBytes path, int flags) throws IOException {
        if (diffs.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(FileCalls.open2(root(), path, flags, 0, WITHOUT_LINKS));
        } catch (Errno e) {
            // ELOOP: a link on the way, so without links there is no such path
            if (e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    Optional<Stat> stat(PathBytes path) throws IOException {
        try (Fd fd = find(path).orElse(null)) {
            return fd == null || isHidden(FileCalls.stat(fd))
                    ? Optional.empty()
                    : Optional.of(FileCalls.stat(fd));
        }
    }

    /// A view of one layer is its bare directory, where a whiteout is a device.
    private static boolean isHidden(Stat stat) {
        return stat.type() == Stat.S_IFCHR && stat.rdevMajor() == 0 && stat.rdevMinor() == 0;
    }

    /// The same place without symbolic links on the way; what does not exist stays as it is.
    PathBytes canonical(PathBytes path) throws IOException {
        Deque<PathBytes> left = new ArrayDeque<>(path.components());
        List<PathBytes> at = new ArrayList<>();
        int links = 0;
        while (!left.isEmpty()) {
            PathBytes name = left.pop();
            if (name.is("..")) {
                if (!at.isEmpty()) {
                    at.removeLast();
                }
                continue;
            }
            at.add(name);
            PathBytes here = PathBytes.join(at);
            Optional<Stat> stat = stat(here);
            if (stat.isPresent() && stat.get().isSymlink()) {
                if (++links > MAX_LINKS_FOLLOWED) {
                    throw new IOException("too many symbolic links in " + path);
                }
                at.removeLast();
                PathBytes target = readLink(here);
                if (target.isAbsolute()) {
                    at.clear();
                }
                for (PathBytes component : target.components().reversed()) {
                    left.push(component);
                }
            }
        }
        return PathBytes.join(at);
    }

    PathBytes readLink(PathBytes path) throws IOException {
        try (Fd link = find(path).orElseThrow(() -> new IOException("no link: " + path))) {
            return FileCalls.readlink(link, PathBytes.of(""));
        }
    }

    @Override
    public void close() {
        root.ifPresent(Fd::close);
    }
}
