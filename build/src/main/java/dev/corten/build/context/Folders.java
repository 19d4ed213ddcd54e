package dev.corten.build.context;

import dev.corten.archive.BoundedInput;
import dev.corten.archive.Compression;
import dev.corten.archive.TarFormatException;
import dev.corten.archive.TarReader;
import dev.corten.archive.unpack.LayerUnpack;
import dev.corten.archive.unpack.UnpackedLayer;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// Makes folders for builds below the data root's `tmp`, which is emptied at each start.
public final class Folders {
    private static final AtomicLong COUNTER = new AtomicLong();

    private final Path parent;
    private final LongSupplier limit;
    private final Executor deletions;

    /// @param parent a directory that is there
    /// @param limit of a context, in bytes: what `max-layer-size` says at the moment
    public Folders(Path parent, LongSupplier limit) {
        this(parent, limit, task -> Thread.ofPlatform().name("context-deletion").start(task));
    }

    Folders(Path parent, LongSupplier limit, Executor deletions) {
        this.parent = parent;
        this.limit = limit;
        this.deletions = deletions;
    }

    /// The bound of a context, in bytes.
    public long limit() {
        return limit.getAsLong();
    }

    /// A folder with nothing in it.
    public Path make() throws IOException {
        Path directory = parent.resolve("context-" + COUNTER.incrementAndGet());
        Files.createDirectories(parent);
        FileCalls.mkdir(Fd.CWD, directory.toString(), 0700);
        FileCalls.chmod(Fd.CWD, directory.toString(), 0755);
        return directory;
    }

    /// A context without files.
    public Folder none() throws IOException {
        Path directory = make();
        return new Folder(
                directory,
                Digest.of(new byte[0]),
                path -> Optional.empty(),
                () -> delete(directory));
    }

    /// Deletes a folder with all that is in it, while nobody waits.
    public void delete(Path directory) {
        deletions.execute(() -> {
            try {
                Directories.deleteTree(Fd.CWD, directory.toString());
            } catch (Errno e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    /// Unpacks an archive, of whatever compression. Files belong to root, as those of contexts do;
    /// modes and times are the archive's.
    ///
    /// @param tar read to the archive's end; not closed
    /// @return to be closed, with which the files go
    /// @throws InvalidParameter if it is too large
    /// @throws Internal if it is no archive, in Docker's words
    public Folder unpack(InputStream tar) throws IOException, InterruptedException {
        Path directory = make();
        boolean done = false;
        try {
            var list = new ListedTar();
            unpack(tar, directory, list);
            done = true;
            return new Folder(directory, list.content(), list::known, () -> delete(directory));
        } catch (java.io.InterruptedIOException e) {
            var interrupted = new InterruptedException(e.getMessage());
            interrupted.initCause(e);
            throw interrupted;
        } finally {
            if (!done) {
                delete(directory);
            }
        }
    }

    private void unpack(InputStream tar, Path directory, ListedTar list) throws IOException {
        long most = limit.getAsLong();
        try (Fd root = FileCalls.openDirectory(directory.toString())) {
            var plain =
                    new BoundedInput(
                            Compression.open(tar),
                            most,
                            "build context is larger than max-layer-size,");
            var reader = new TarReader(plain, TarReader.End.ANYWHERE, list);
            UnpackedLayer unpacked =
                    LayerUnpack.unpack(
                            reader, root, LayerUnpack.Marks.NONE, entry -> entry.withOwner(0, 0));
            if (!unpacked.pendingLinks().isEmpty()) {
                var link = unpacked.pendingLinks().getFirst();
                throw new TarFormatException(
                        "hard link "
                                + link.name()
                                + " to "
                                + link.target()
                                + ": no such file or directory");
            }
            list.finish(unpacked.faithful());
        } catch (BoundedInput.TooLarge e) {
            throw new InvalidParameter(String.valueOf(e.getMessage()), e);
        } catch (TarFormatException | java.util.zip.ZipException e) {
            throw new Internal("Error processing tar file(exit status 1): " + e.getMessage(), e);
        }
    }
}
