package dev.corten.build.context;

import dev.corten.build.solve.StepOutput;
import dev.corten.build.work.Tree;
import dev.corten.build.work.TreeSource;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// A directory of the engine's own with files that a build reads. Nobody changes it; with the last
/// share it goes.
public final class Folder implements Tree {
    /// What all shares have in common.
    private static final class Common {
        private final AtomicInteger shares = new AtomicInteger(1);
        private final Runnable end;
        private volatile Digest content;

        private Common(Digest content, Runnable end) {
            this.content = content;
            this.end = end;
        }
    }

    private final Path directory;
    private final Function<PathBytes, Optional<Digest>> known;
    private final Common common;
    private final AtomicInteger open = new AtomicInteger(1);

    /// @param content a digest of all names, kinds, modes and bytes
    /// @param known the digests of files that somebody has found out
    /// @param end runs once, when the last share is closed
    public Folder(
            Path directory,
            Digest content,
            Function<PathBytes, Optional<Digest>> known,
            Runnable end) {
        this(directory, known, new Common(content, end));
    }

    private Folder(Path directory, Function<PathBytes, Optional<Digest>> known, Common common) {
        this.directory = directory;
        this.known = known;
        this.common = common;
    }

    @Override
    public Optional<Digest> chainId() {
        return Optional.empty();
    }

    @Override
    public Fd open() throws IOException {
        return FileCalls.openDirectory(directory.toString());
    }

    @Override
    public Optional<Digest> known(PathBytes path) {
        return known.apply(path);
    }

    @Override
    public Digest content() {
        return common.content;
    }

    @Override
    public Folder share() {
        if (open.get() == 0) {
            throw new IllegalStateException("the folder is closed");
        }
        common.shares.incrementAndGet();
        return new Folder(directory, known, common);
    }

    /// The same files once more, for a build that asks for them. This one stays open as long.
    public TreeSource source() {
        return new TreeSource() {
            @Override
            public Tree open(Collection<String> wanted, StepOutput output) {
                return share();
            }
        };
    }

    /// A regular file in it, links to others followed, none of which leads out.
    ///
    /// @param path relative, or absolute in the folder
    /// @param limit in bytes; more are not read
    /// @return empty if it is not there, or no regular file
    public Optional<byte[]> read(String path, int limit) throws IOException {
        try (Fd root = open()) {
            return RootedFile.read(root, path, limit);
        }
    }

    /// Takes a file away before a build has seen it.
    ///
    /// @return whether it was there
    boolean remove(String path) throws IOException {
        PathBytes name = PathBytes.of(path);
        var parts = name.components();
        try (Fd root = open();
                Fd parent =
                        FileCalls.open2(
                                root,
                                PathBytes.join(parts.subList(0, parts.size() - 1)).resolve("."),
                                FileCalls.O_RDONLY | FileCalls.O_DIRECTORY,
                                0,
                                FileCalls.RESOLVE_IN_ROOT | FileCalls.RESOLVE_NO_MAGICLINKS)) {
            FileCalls.unlink(parent, parts.getLast());
            common.content =
                    Digest.of(
                            (common.content + " without " + name).getBytes(StandardCharsets.UTF_8));
            return true;
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.EISDIR, Errno.ENOTDIR)) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        if (open.compareAndSet(1, 0) && common.shares.decrementAndGet() == 0) {
            common.end.run();
        }
    }
}
