package dev.corten.build.context;

import dev.corten.build.context.SyncedDirectories.Usage;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.InvalidParameter;
import dev.corten.store.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The copy of one directory of one client.
///
/// ```
/// index      what is in it, and in which generation; while that changes it is not there
/// g<number>/ the files of a generation
/// new/       files that have come and are not in their place yet
/// ```
///
/// A build reads a generation that does not change. Where nobody reads the last one, it becomes the
/// next one in its place; otherwise the next one begins with hard links to its files. What an index
/// does not speak of goes at the next use.
final class SyncedCopy {
    private static final int ATTEMPTS = 3;

    private final Path directory;
    private final Durable durable;
    private final LongSupplier limit;
    private final Executor deletions;

    /// Held by the build that compares and changes: the next one finds nothing to do.
    private final Semaphore turn = new Semaphore(1);

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock: changed by who has the turn.
    private @Nullable Generation current;

    /// Guarded by lock: those whose files must stay.
    private final Set<Generation> live = new HashSet<>();

    /// The number of the newest generation; belongs to who has the turn.
    private long last;

    /// Hears how many bytes have come.
    @FunctionalInterface
    interface Progress {
        void came(long bytes, boolean done);
    }

    /// A generation that builds read.
    private final class Generation {
        private final ContextIndex index;
        private final Path files;

        /// Guarded by lock.
        private int readers;

        private Generation(ContextIndex index) {
            this.index = index;
            this.files = generation(index.generation());
        }

        private Path files() {
            return files;
        }
    }

    SyncedCopy(Path directory, Durable durable, LongSupplier limit, Executor deletions) {
        this.deletions = deletions;
        this.directory = directory;
        this.durable = durable;
        this.limit = limit;
    }

    private Path index() {
        return directory.resolve("index");
    }

    private Path incoming() {
        return directory.resolve("new");
    }

    private Path generation(long number) {
        return directory.resolve("g" + number);
    }

    /// Brings it up to date.
    ///
    /// @param paths those that are wanted; none: all
    /// @return to be closed
    Folder sync(ClientDirectory client, Collection<String> paths, Progress progress)
            throws IOException, InterruptedException {
        turn.acquire();
        try {
            open();
            for (int attempt = 1; ; attempt++) {
                try {
                    update(client, paths, progress);
                    break;
                } catch (StagedFiles.Changed e) {
                    if (attempt == ATTEMPTS) {
                        throw new InvalidParameter(
                                "file changed while it was sent: " + e.getMessage(), e);
                    }
                } finally {
                    delete(incoming());
                }
            }
            return share();
        } finally {
            turn.release();
        }
    }

    private Folder share() {
        Generation generation;
        lock.lock();
        try {
            generation = java.util.Objects.requireNonNull(current);
            generation.readers++;
        } finally {
            lock.unlock();
        }
        return new Folder(
                generation.files(),
                generation.index.content(),
                generation.index::known,
                () -> release(generation));
    }

    private void release(Generation generation) {
        boolean ended;
        lock.lock();
        try {
            generation.readers--;
            ended = generation.readers == 0 && generation != current;
            if (ended) {
                live.remove(generation);
            }
        } finally {
            lock.unlock();
        }
        if (ended) {
            generation.index.close();
            deletions.execute(() -> delete(generation.files()));
        }
    }

    /// Reads the index, and removes what it does not speak of.
    private void open() throws IOException {
        Generation known;
        lock.lock();
        try {
            known = current;
        } finally {
            lock.unlock();
        }
        if (known != null) {
            Files.setLastModifiedTime(
                    index(), java.nio.file.attribute.FileTime.from(Instant.now()));
            return;
        }
        durable.createDirectories(directory);
        Optional<ContextIndex> index = ContextIndex.open(index(), boot());
        Set<Path> wanted = new HashSet<>();
        lock.lock();
        try {
            current = index.map(Generation::new).orElse(null);
            if (current != null) {
                live.add(current);
                wanted.add(index());
                last = Math.max(last, current.index.generation());
            }
            live.forEach(generation -> wanted.add(generation.files()));
        } finally {
            lock.unlock();
        }
        try (Stream<Path> names = Files.list(directory)) {
            for (Path name : names.toList()) {
                if (!wanted.contains(name)) {
                    delete(name);
                }
            }
        }
    }

    private static String boot() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    }

    private static void delete(Path path) {
        try {
            Directories.deleteTree(Fd.CWD, path.toString());
        } catch (dev.corten.kernel.Errno e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// Compares with what the client has, fetches what differs, and only then changes anything.
    private void update(ClientDirectory client, Collection<String> paths, Progress progress)
            throws IOException, InterruptedException {
        Generation before = current();
        FileCalls.mkdir(Fd.CWD, incoming().toString(), 0700);
        Path written = incoming().resolve("index");
        try (var next = new ContextIndex.Writer(written)) {
            var difference = new ListDifference(before == null ? null : before.index, next, limit);
            try (var list = client.list(paths)) {
                difference.read(list);
            }
            if (before != null && difference.isEmpty()) {
                progress.came(difference.listBytes(), true);
                return;
            }
            next.flush();
            var staged = new StagedFiles(incoming(), next, written);
            long bytes =
                    staged.fetch(
                            client,
                            difference.wanted(),
                            came -> progress.came(difference.listBytes() + came, false));
            progress.came(difference.listBytes() + bytes, true);
            next.link(difference.links());
            replace(before, next, written);
        }
    }

    private @Nullable Generation current() {
        lock.lock();
        try {
            return current;
        } finally {
            lock.unlock();
        }
    }

    private void replace(@Nullable Generation before, ContextIndex.Writer next, Path written)
            throws IOException {
        boolean inPlace;
        lock.lock();
        try {
            // Nobody begins to read it meanwhile: that takes the turn.
            inPlace = before != null && before.readers == 0;
        } finally {
            lock.unlock();
        }
        long number = inPlace && before != null ? before.index.generation() : ++last;
        next.finish(boot(), number);
        durable.delete(index());
        // Only from here on it is not what is known of the directory any more: what fails before
        // leaves
        // everything as it was, for those who read it too.
        lock.lock();
        try {
            current = null;
            if (before != null) {
                before.readers++;
            }
        } finally {
            lock.unlock();
        }
        try {
            var change = new TreeChange(generation(number), incoming());
            try (ContextIndex list = ContextIndex.open(written, boot()).orElseThrow()) {
                if (!inPlace && before != null) {
                    change.begin(before.index, before.files());
                } else if (before == null) {
                    change.begin();
                }
                change.apply(list, before == null ? null : before.index);
            }
            durable.rename(written, index());
            var now = new Generation(ContextIndex.open(index(), boot()).orElseThrow());
            lock.lock();
            try {
                current = now;
                live.add(now);
            } finally {
                lock.unlock();
            }
        } finally {
            if (before != null && inPlace) {
                forget(before);
            } else if (before != null) {
                release(before);
            }
        }
    }

    /// A generation whose files are those of the next one now, or not known any more.
    private void forget(Generation generation) {
        lock.lock();
        try {
            live.remove(generation);
        } finally {
            lock.unlock();
        }
        generation.index.close();
    }

    Usage usage() throws IOException {
        boolean inUse;
        lock.lock();
        try {
            inUse = turn.availablePermits() == 0 || (current != null && current.readers > 0);
        } finally {
            lock.unlock();
        }
        long bytes = 0;
        Instant used = Instant.EPOCH;
        if (Files.exists(index())) {
            used = Files.getLastModifiedTime(index()).toInstant();
            Optional<ContextIndex> index = ContextIndex.open(index(), boot());
            if (index.isPresent()) {
                try (ContextIndex list = index.get()) {
                    for (int i = 0; i < list.count(); i++) {
                        ListEntry entry = list.entry(i);
                        bytes += entry.isFile() && !entry.isHardLink() ? entry.size() : 0;
                    }
                }
            }
        }
        return new Usage(String.valueOf(directory.getFileName()), bytes, used, inUse);
    }

    boolean remove() throws IOException, InterruptedException {
        if (!turn.tryAcquire()) {
            return false;
        }
        try {
            Generation gone;
            lock.lock();
            try {
                if (current != null && current.readers > 0) {
                    return false;
                }
                gone = current;
                current = null;
                if (!live.equals(gone == null ? Set.of() : Set.of(gone))) {
                    return false; // an older one is still read; the next use begins anew
                }
                live.clear();
            } finally {
                lock.unlock();
            }
            if (gone != null) {
                gone.index.close();
            }
            for (Path path : List.of(index(), directory)) {
                delete(path);
            }
            return true;
        } finally {
            turn.release();
        }
    }
}
