package dev.corten.registry.server.storage;

import dev.corten.model.Digest;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
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
        Path file = layout.blob(digest);
        try {
            return FileChannel.open(file, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            if (!files.exists(file)) {
                throw e;
            }
            return FileChannel.open(file, StandardOpenOption.READ);
        }
    }

    /// The whole of a document; empty if it is not there.
    ///
    /// @throws IOException also if it is larger
    public Optional<byte[]> read(Digest digest, int limit) throws IOException {
        try (var file = open(digest);
                var in = Channels.newInputStream(file)) {
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
        if (size(digest).orElse(-1) == content.length && files.hold(file)) {
            return;
        }
        files.write(file, content);
    }

    /// Takes over a file that has this digest and is synced.
    void adopt(Path file, Digest digest) throws IOException {
        Path blob = layout.blob(digest);
        long present = size(digest).orElse(-1);
        if (present == Files.size(file) && files.hold(blob)) {
            files.delete(file);
            return;
        }
        files.hold(file);
        files.move(file, blob);
    }

    /// Notes that somebody relies on it, unless that was noted a moment ago.
    ///
    /// @return whether it is there
    public boolean use(Digest digest) throws IOException {
        return files.use(layout.blob(digest), BLUR);
    }

    /// Keeps it from being collected from now on, for the time of grace.
    ///
    /// @return whether it is there
    boolean hold(Digest digest) throws IOException {
        return files.hold(layout.blob(digest));
    }
}
