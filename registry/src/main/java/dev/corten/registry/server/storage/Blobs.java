package dev.corten.registry.server.storage;

import dev.corten.model.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/// Content by digest, shared by all repositories.
public final class Blobs {
    /// How much older than its last use a blob or link may look: not each use writes to the disk.
    public static final Duration BLUR = Duration.ofMinutes(1);

    private final Layout layout;
    private final StorageFiles files;

    Blobs(Layout layout, StorageFiles files) {
        this.layout = layout;
        this.files = files;
    }

    /// Its bytes; empty if it is not there.
    public OptionalLong size(Digest digest) throws IOException {
        try {
            return OptionalLong.of(Files.size(layout.blob(digest)));
        } catch (NoSuchFileException | NotDirectoryException _) {
            return OptionalLong.empty();
        }
    }

    /// The caller closes the result.
    ///
    /// @throws NoSuchFileException if it is not there
    public FileChannel open(Digest digest) throws IOException {
        return FileChannel.open(layout.blob(digest), StandardOpenOption.READ);
    }

    /// The whole of a document; empty if it is not there.
    ///
    /// @throws IOException also if it is larger
    public Optional<byte[]> read(Digest digest, int limit) throws IOException {
        try (var in = Files.newInputStream(layout.blob(digest))) {
            byte[] bytes = in.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw new IOException(digest + " is no document: it is too large");
            }
            return Optional.of(bytes);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    /// Has a document; it is on disk when the call returns.
    void put(Digest digest, byte[] content) throws IOException {
        Path file = layout.blob(digest);
        if (size(digest).orElse(-1) == content.length && StorageFiles.touch(file)) {
            return;
        }
        files.write(file, content);
    }

    /// Takes over a file that has this digest and is synced.
    void adopt(Path file, Digest digest) throws IOException {
        Path blob = layout.blob(digest);
        long present = size(digest).orElse(-1);
        if (present == Files.size(file) && StorageFiles.touch(blob)) {
            files.delete(file);
            return;
        }
        StorageFiles.touch(file);
        files.move(file, blob);
    }

    /// Notes that somebody relies on it, unless that was noted a moment ago.
    ///
    /// @return whether it is there
    public boolean use(Digest digest) throws IOException {
        return useFile(layout.blob(digest));
    }

    static boolean useFile(Path file) throws IOException {
        Optional<Instant> modified = StorageFiles.modified(file);
        if (modified.isEmpty()) {
            return false;
        }
        return modified.get().isAfter(Instant.now().minus(BLUR)) || StorageFiles.touch(file);
    }

    /// Keeps it from being collected from now on, for the time of grace.
    ///
    /// @return whether it is there
    boolean hold(Digest digest) throws IOException {
        return StorageFiles.touch(layout.blob(digest));
    }
}
