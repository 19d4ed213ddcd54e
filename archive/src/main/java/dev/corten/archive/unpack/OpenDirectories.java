package dev.corten.archive.unpack;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.PathBytes;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The directories that are open while a layer is unpacked: its next entries go into them as a rule.
final class OpenDirectories implements AutoCloseable {
    static final int BENEATH = FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS;

    private static final int MANY = 128;

    /// By the path that a tar used, links in it included.
    private final Map<PathBytes, OpenDirectory> byTarPath = new HashMap<>();

    private final Map<PathBytes, OpenDirectory> byPath = new HashMap<>();

    @Nullable OpenDirectory find(PathBytes tarPath) {
        return byTarPath.get(tarPath);
    }

    void remember(PathBytes tarPath, OpenDirectory directory) {
        byTarPath.put(tarPath, directory);
    }

    /// @param path without links
    @Nullable OpenDirectory at(PathBytes path) {
        return byPath.get(path);
    }

    /// Opens one, and keeps it open.
    OpenDirectory open(OpenDirectory parent, PathBytes name) throws Errno {
        var directory = new OpenDirectory(parent.child(name), openFresh(parent, name));
        byPath.put(directory.path(), directory);
        return directory;
    }

    /// A descriptor that is the caller's.
    static Fd openFresh(OpenDirectory parent, PathBytes name) throws Errno {
        return FileCalls.open2(
                parent.fd(), name, FileCalls.O_RDONLY | FileCalls.O_DIRECTORY, 0, BENEATH);
    }

    /// Before an entry.
    void closeIfMany() {
        if (byTarPath.size() + byPath.size() > MANY) {
            close();
        }
    }

    /// On the way to one: a path of thousands of names needs only the last of them open.
    ///
    /// @param target that the entry at hand goes into
    void closeIfTooMany(OpenDirectory used, OpenDirectory target) {
        if (byPath.size() <= 2 * MANY) {
            return;
        }
        byTarPath.clear();
        byPath.values()
                .removeIf(directory -> {
                    boolean unused = directory.fd() != used.fd() && directory.fd() != target.fd();
                    if (unused) {
                        directory.fd().close();
                    }
                    return unused;
                });
    }

    /// What was at this path, and below it, is no more.
    void forget(PathBytes path) {
        byTarPath.clear();
        byPath.entrySet()
                .removeIf(open -> {
                    boolean gone =
                            open.getKey().equals(path) || open.getKey().startsWith(path + "/");
                    if (gone) {
                        open.getValue().fd().close();
                    }
                    return gone;
                });
    }

    @Override
    public void close() {
        byPath.values().forEach(directory -> directory.fd().close());
        byPath.clear();
        byTarPath.clear();
    }
}
