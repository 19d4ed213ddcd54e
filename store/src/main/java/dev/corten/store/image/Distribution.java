package dev.corten.store.image;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Reference;
import dev.corten.store.Durable;
import dev.corten.store.StoreLayout;
import dev.corten.store.document.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.node.ArrayNode;

/// In which repositories layers are known to be, and as which blobs, in Docker's files below
/// `distribution`: where a push may mount a layer from instead of sending it.
///
/// These are hints. They are written some time after they were noted, all together, by a thread that
/// lives as long as there are any; what was not written when the machine stops is lost, and nothing is
/// wrong. A file that cannot be read is as if it were not there.
public final class Distribution implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Distribution.class.getName());

    /// Of one layer; the oldest are forgotten first.
    private static final int MAX_KNOWN = 50;

    private static final int MAX_FILE = 1 << 20;
    private static final long PATIENCE_SECONDS = 2;

    private final StoreLayout layout;
    private final Durable durable;

    /// Held while memory is looked at, never while files are.
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition change = lock.newCondition();

    /// Guarded by lock, the oldest first; nothing is taken out before it is on disk.
    private final List<Note> unwritten = new ArrayList<>();

    /// Guarded by lock.
    private boolean writing;

    /// Guarded by lock; nobody waits for more.
    private boolean closing;

    /// A layer is in a repository.
    ///
    /// @param hmac of the credentials with which it was sent there, `""` if it was pulled
    public record Note(Digest diffId, Digest blob, String repository, String hmac) {}

    Distribution(StoreLayout layout, Durable durable) {
        this.layout = layout;
        this.durable = durable;
    }

    /// Makes the directories.
    void open() throws IOException {
        durable.createDirectories(layout.diffIdsByBlob());
        durable.createDirectories(layout.blobsByDiffId());
    }

    public void note(List<Note> notes) {
        if (notes.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            unwritten.addAll(notes);
            if (!writing) {
                writing = true;
                Thread.ofPlatform().daemon().name("store-distribution").start(this::write);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Repositories of one registry that have a blob, the one that was seen last first.
    public List<Reference> repositories(Digest blob, String domain) {
        var found = new ArrayList<String>();
        for (Note note : pending().reversed()) {
            if (note.blob.equals(blob)) {
                found.add(note.repository);
            }
        }
        diffId(blob).map(this::known).orElse(List.of()).reversed().stream()
                .filter(note -> note.blob.equals(blob))
                .forEach(note -> found.add(note.repository));
        return found.stream()
                .distinct()
                .map(Distribution::repository)
                .flatMap(Optional::stream)
                .filter(name -> name.domain().equals(domain))
                .toList();
    }

    private static Optional<Reference> repository(String name) {
        try {
            return Optional.of(Reference.parse(name).repository());
        } catch (InvalidParameter e) {
            return Optional.empty();
        }
    }

    private List<Note> pending() {
        lock.lock();
        try {
            return List.copyOf(unwritten);
        } finally {
            lock.unlock();
        }
    }

    /// Waits until everything that was noted is on disk.
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            change.signalAll();
            while (writing) {
                change.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    // --- files

    private Optional<Digest> diffId(Digest blob) {
        try {
            return Optional.of(
                    Digest.parse(new String(bytes(layout.diffIdOfBlob(blob)), US_ASCII)));
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (IOException | InvalidParameter e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "what is known of " + blob + " is damaged", e);
            return Optional.empty();
        }
    }

    /// The oldest first.
    private List<Note> known(Digest diffId) {
        Path file = layout.blobsOfDiffId(diffId);
        var notes = new ArrayList<Note>();
        try {
            for (Json known : Json.parse(file.toString(), bytes(file)).elements()) {
                known.requireObject();
                notes.add(
                        new Note(
                                diffId,
                                known.require("Digest").asDigest(),
                                known.text("SourceRepository"),
                                known.text("HMAC")));
            }
            return notes;
        } catch (NoSuchFileException absent) {
            return List.of();
        } catch (IOException | InvalidParameter e) {
            LOG.log(System.Logger.Level.DEBUG, () -> file + " is damaged", e);
            return List.of();
        }
    }

    private static byte[] bytes(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(MAX_FILE);
        }
    }

    private void write() {
        while (true) {
            List<Note> notes = awaitSome();
            try {
                write(notes);
            } catch (IOException e) {
                LOG.log(
                        System.Logger.Level.DEBUG,
                        "where layers are known to be cannot be written down",
                        e);
            }
            lock.lock();
            try {
                unwritten.subList(0, notes.size()).clear();
                if (unwritten.isEmpty()) {
                    writing = false;
                    change.signalAll();
                    return;
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /// What comes within a while is written together, and not while a pull is under way that ends with
    /// it.
    private List<Note> awaitSome() {
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (!closing && left > 0) {
                left = change.awaitNanos(left);
            }
            return List.copyOf(unwritten);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return pending();
        } finally {
            lock.unlock();
        }
    }

    /// Beside each other first, then on disk all at once, then each under its name: so none is ever
    /// seen in part.
    private void write(List<Note> notes) throws IOException {
        var renames = new LinkedHashMap<Path, Path>();
        Map<Digest, Digest> diffIds = new LinkedHashMap<>();
        Map<Digest, List<Note>> byDiffId = new LinkedHashMap<>();
        for (Note note : notes) {
            diffIds.put(note.blob, note.diffId);
            byDiffId.computeIfAbsent(note.diffId, _ -> new ArrayList<>()).add(note);
        }
        for (Map.Entry<Digest, Digest> entry : diffIds.entrySet()) {
            if (!diffId(entry.getKey()).equals(Optional.of(entry.getValue()))) {
                stage(
                        layout.diffIdOfBlob(entry.getKey()),
                        entry.getValue().toString().getBytes(US_ASCII),
                        renames);
            }
        }
        for (Map.Entry<Digest, List<Note>> entry : byDiffId.entrySet()) {
            List<Note> before = known(entry.getKey());
            Set<Note> after = new LinkedHashSet<>(before);
            for (Note note : entry.getValue()) {
                after.remove(note);
                after.add(note);
            }
            List<Note> all = List.copyOf(after);
            if (!all.equals(before)) {
                List<Note> latest = all.subList(Math.max(0, all.size() - MAX_KNOWN), all.size());
                stage(layout.blobsOfDiffId(entry.getKey()), json(latest), renames);
            }
        }
        if (renames.isEmpty()) {
            return;
        }
        durable.syncFileSystem(layout.dataRoot());
        for (Map.Entry<Path, Path> rename : renames.entrySet()) {
            durable.rename(rename.getKey(), rename.getValue());
        }
    }

    /// In a directory that is emptied when the store is opened.
    private void stage(Path file, byte[] content, Map<Path, Path> renames) throws IOException {
        Path staged = layout.temporary().resolve("distribution-" + renames.size());
        Files.write(staged, content);
        renames.put(staged, file);
    }

    private static byte[] json(List<Note> notes) {
        ArrayNode array = Json.MAPPER.createArrayNode();
        for (Note note : notes) {
            array.addObject()
                    .put("Digest", note.blob.toString())
                    .put("SourceRepository", note.repository)
                    .put("HMAC", note.hmac);
        }
        return Json.MAPPER.writeValueAsBytes(array);
    }
}
