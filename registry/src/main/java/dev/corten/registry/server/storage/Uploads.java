package dev.corten.registry.server.storage;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.corten.registry.ErrorCode;
import dev.corten.registry.Refusal;
import dev.corten.registry.RepositoryName;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Pattern;

/// Blobs on their way in. All of an upload is on disk: it outlives the process, and any process of
/// those that share the tree can go on with it.
public final class Uploads {
    /// How long somebody who was interrupted may take to let go.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final Duration TURN = Duration.ofMillis(5);

    private static final Pattern ID =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private final Layout layout;
    private final StorageFiles files;
    private final Blobs blobs;
    private final HashStates hashes = new HashStates();

    /// Who is writing, by upload; in this process.
    private final ConcurrentMap<String, Thread> writers = new ConcurrentHashMap<>();

    Uploads(Layout layout, StorageFiles files, Blobs blobs) {
        this.layout = layout;
        this.files = files;
        this.blobs = blobs;
    }

    /// Begins one.
    ///
    /// @return its ID
    public String start(RepositoryName name) throws IOException {
        String id = UUID.randomUUID().toString();
        Path directory = layout.uploads(name).resolve(id);
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        files.writeLoosely(directory.resolve("startedat"), now.getBytes(US_ASCII));
        files.create(directory.resolve("data"));
        return id;
    }

    /// How much of it has arrived.
    ///
    /// @throws Refusal if there is no such upload
    public long size(RepositoryName name, String id) throws IOException {
        try {
            return Files.size(data(name, id));
        } catch (NoSuchFileException _) {
            throw new Refusal(ErrorCode.BLOB_UPLOAD_UNKNOWN);
        }
    }

    /// Opens one to go on with it. Whoever in this process is writing to it is interrupted: a client
    /// that goes on has lost its earlier connection, which the server may not have noticed. The caller
    /// closes the result.
    ///
    /// @throws Refusal if there is no such upload, or another process is writing to it
    public UploadWriter open(RepositoryName name, String id) throws IOException {
        Path data = data(name, id);
        FileChannel channel;
        try {
            channel = FileChannel.open(data, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (NoSuchFileException _) {
            throw new Refusal(ErrorCode.BLOB_UPLOAD_UNKNOWN);
        }
        Thread self = Thread.currentThread();
        Runnable end = () -> writers.remove(id, self);
        boolean opened = false;
        try {
            lock(id, channel);
            var writer = new UploadWriter(id, data, channel, hashes, files, blobs, end);
            writers.put(id, self);
            opened = true;
            return writer;
        } finally {
            if (!opened) {
                channel.close();
            }
        }
    }

    /// Held until the channel is closed.
    private void lock(String id, FileChannel channel) throws IOException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!tryLock(channel)) {
            boolean own = Thread.currentThread().equals(writers.get(id));
            if (own || System.nanoTime() > end) {
                // One of the two does not know how far the upload has come.
                throw new Refusal(ErrorCode.RANGE_INVALID, "the upload is being written to");
            }
            // Not after it has closed the upload: its thread does something else then.
            writers.computeIfPresent(
                    id,
                    (_, writer) -> {
                        writer.interrupt();
                        return writer;
                    });
            try {
                Thread.sleep(TURN);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for an upload");
            }
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false;
        }
    }

    /// Opens what has arrived of one to be read; it stays open when the upload has become a blob. The
    /// caller closes the result.
    ///
    /// @throws Refusal if there is no such upload
    public FileChannel reader(RepositoryName name, String id) throws IOException {
        try {
            return FileChannel.open(data(name, id), StandardOpenOption.READ);
        } catch (NoSuchFileException _) {
            throw new Refusal(ErrorCode.BLOB_UPLOAD_UNKNOWN);
        }
    }

    /// Gives one up.
    ///
    /// @throws Refusal if there is no such upload
    public void cancel(RepositoryName name, String id) throws IOException {
        Path directory = StorageFiles.parent(data(name, id));
        hashes.forget(id);
        if (!files.deleteTree(directory)) {
            throw new Refusal(ErrorCode.BLOB_UPLOAD_UNKNOWN);
        }
    }

    /// The IDs of all that are under way.
    public List<String> list(RepositoryName name) throws IOException {
        return StorageFiles.names(layout.uploads(name)).stream()
                .filter(id -> ID.matcher(id).matches())
                .toList();
    }

    /// The bytes of all that are under way.
    public long bytes(RepositoryName name) throws IOException {
        long sum = 0;
        for (String id : list(name)) {
            try {
                sum += Files.size(data(name, id));
            } catch (NoSuchFileException _) {
                // It has just ended.
            }
        }
        return sum;
    }

    /// Gives up those on which nothing has been done since.
    ///
    /// @param dryRun only says which
    /// @return their IDs
    public List<String> purge(RepositoryName name, Instant since, boolean dryRun)
            throws IOException {
        var purged = new ArrayList<String>();
        for (String id : list(name)) {
            Path directory = layout.uploads(name).resolve(id);
            Optional<Instant> last = StorageFiles.modified(directory.resolve("data"));
            if (last.isEmpty()) {
                last = StorageFiles.modified(directory);
            }
            if (last.isPresent() && last.get().isBefore(since)) {
                purged.add(id);
                if (!dryRun) {
                    hashes.forget(id);
                    files.deleteTree(directory);
                }
            }
        }
        return purged;
    }

    private Path data(RepositoryName name, String id) {
        if (!ID.matcher(id).matches()) {
            throw new Refusal(ErrorCode.BLOB_UPLOAD_UNKNOWN);
        }
        return layout.uploads(name).resolve(id).resolve("data");
    }
}
