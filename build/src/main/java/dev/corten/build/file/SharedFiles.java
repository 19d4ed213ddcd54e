package dev.corten.build.file;

import dev.corten.archive.unpack.Attributes;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.Digest;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Large files that a layer has in common with a source that never changes, instead of copies.
///
/// A link cannot be made through the overlay that a step works in. So each of these files is an
/// empty one with a mark, until the step is over and nothing is mounted: then [#settle] puts links
/// into the layer's own directory. For one thread.
public final class SharedFiles implements AutoCloseable {
    private static final long WORTH_IT = 1 << 20;
    private static final int MOST = 256;
    private static final int MOST_DIGESTS = 1 << 15;
    private static final String MARK = "trusted.corten.shared";

    /// @param path in the layer
    /// @param file open
    private record Promise(PathBytes path, Fd file, Stat stat) {}

    private final List<Promise> promises = new ArrayList<>();

    /// Everything that is promised: a file that is used in two places would be one with two names.
    private final Set<Inode> used = new HashSet<>();

    private final Map<PathBytes, Digest> digests = new HashMap<>();

    /// Whether one more may be shared.
    boolean takes(Fd file, Stat stat) throws Errno {
        return stat.size() >= WORTH_IT
                && promises.size() < MOST
                && Xattrs.list(file).stream().allMatch(Metadata::isCopied);
    }

    boolean isUsed(Inode inode) {
        return used.contains(inode);
    }

    /// @param placeholder empty, at that path
    /// @return false if it cannot be marked
    boolean promise(PathBytes path, Fd placeholder, Fd file, Stat stat) throws Errno {
        try {
            Xattrs.set(placeholder, MARK, mark(promises.size()), 0);
        } catch (Errno e) {
            if (e.isAny(Errno.EOPNOTSUPP, Errno.EPERM)) {
                return false;
            }
            throw e;
        }
        promises.add(new Promise(path, file.duplicate(), stat));
        used.add(Inode.of(stat));
        return true;
    }

    private static byte[] mark(int number) {
        return Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
    }

    // ---- digests

    void digest(PathBytes path, Digest digest) {
        if (digests.size() < MOST_DIGESTS) {
            digests.put(path, digest);
        }
    }

    void forget(PathBytes path) {
        digests.remove(path);
    }

    void forgetAll() {
        digests.clear();
    }

    /// The digest of the bytes of a file that was copied, where that of its source was known.
    ///
    /// @param path in the layer, relative
    public Optional<Digest> digest(PathBytes path) {
        return Optional.ofNullable(digests.get(path));
    }

    // ---- the end

    /// Keeps the promises, when nothing is mounted any more. Files that were replaced since stay as
    /// they are.
    ///
    /// @param layer where the step's changes are
    public void settle(Fd layer) throws IOException {
        try (var bytes = new FileBytes()) {
            for (int i = 0; i < promises.size(); i++) {
                settle(layer, i, promises.get(i), bytes);
            }
        }
    }

    private static void settle(Fd layer, int number, Promise promise, FileBytes bytes)
            throws IOException {
        Optional<Stat> there = RootedPath.stat(layer, promise.path());
        if (there.isEmpty() || !there.get().isRegular()) {
            return;
        }
        PathBytes name = RootedPath.name(promise.path());
        try (Fd parent = RootedPath.directory(layer, RootedPath.parent(promise.path()));
                Fd placeholder =
                        FileCalls.open(parent, name, FileCalls.O_WRONLY | FileCalls.O_NOFOLLOW)) {
            Optional<byte[]> mark = Xattrs.get(placeholder, MARK);
            if (mark.isEmpty() || !Arrays.equals(mark.get(), mark(number))) {
                return;
            }
            Stat before = FileCalls.stat(parent);
            if (!linked(parent, name, number, promise.file())) {
                bytes.copy(promise.file(), promise.stat(), placeholder);
                Xattrs.remove(placeholder, MARK);
                Attributes.copy(promise.file(), placeholder);
            }
            FileCalls.times(
                    parent,
                    before.modifySeconds(),
                    before.modifyNanos(),
                    before.modifySeconds(),
                    before.modifyNanos());
        }
    }

    private static boolean linked(Fd parent, PathBytes name, int number, Fd file) throws Errno {
        PathBytes beside = PathBytes.of(".corten-shared-" + number);
        try {
            FileCalls.link(file, PathBytes.of(""), parent, beside, FileCalls.AT_EMPTY_PATH);
        } catch (Errno e) {
            // EXDEV: another file system; EMLINK: it has as many names as can be.
            if (e.isAny(Errno.EXDEV, Errno.EMLINK, Errno.EPERM)
                    || e.isAny(Errno.EOPNOTSUPP, Errno.EEXIST)) {
                return false;
            }
            throw e;
        }
        FileCalls.rename(parent, beside, parent, name, 0);
        return true;
    }

    @Override
    public void close() {
        promises.forEach(promise -> promise.file().close());
        promises.clear();
    }
}
