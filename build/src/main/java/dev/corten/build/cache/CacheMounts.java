package dev.corten.build.cache;

import dev.corten.build.dockerfile.RunMount.Sharing;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.store.Durable;
import dev.corten.store.Store;
import dev.corten.store.snapshot.DiskUsage;
import dev.corten.store.snapshot.Layers;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/// The directories of `RUN --mount=type=cache`, which steps fill and later steps find again:
/// `builder/mounts/<key>.<n>/` with `data/` and `record`. There is more than one of a key if steps did
/// not want to share at some time.
///
/// What is in `data/` is the steps', and never followed.
public final class CacheMounts implements Kept {
    private static final System.Logger LOG = System.getLogger(CacheMounts.class.getName());
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{64}\\.[0-9]{1,6}");
    private static final String NEW = ".new-";
    private static final String DATA = "data";
    private static final String RECORD = "record";
    private static final int MODE = 0755;

    /// What a cache begins as.
    ///
    /// @param identity tells it from others: a digest of its content
    public record Base(String identity, Opener opener) {
        /// Opens a directory that does not change; it is closed afterwards.
        @FunctionalInterface
        public interface Opener {
            Fd open() throws IOException;
        }
    }

    /// What a step asks for.
    ///
    /// @param id of the Dockerfile: its name, or the target
    /// @param description for people, one line
    /// @param mode of the directory when it is made, as are owner and group: caches that differ in them
    ///     are different ones
    public record Request(
            String id,
            String description,
            Optional<Base> base,
            OptionalInt mode,
            OptionalInt uid,
            OptionalInt gid,
            Sharing sharing) {
        String key() {
            String all =
                    String.join(
                            "\n",
                            id,
                            base.map(Base::identity).orElse(""),
                            mode.toString(),
                            uid.toString(),
                            gid.toString());
            return Digest.of(all.getBytes(StandardCharsets.UTF_8)).hex();
        }
    }

    private final Path directory;
    private final Durable durable;
    private final Layers layers;
    private final InstantSource clock;
    private final AtomicLong made = new AtomicLong();

    /// What is on its way begins with this; what begins with another is of a daemon that was killed.
    private final String mine = NEW + UUID.randomUUID() + "-";

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();

    /// Guarded by lock; how many steps have a directory, or [#ALONE].
    private final Map<String, Integer> users = new HashMap<>();

    private static final int ALONE = -1;

    /// Sizes of directories that nobody has had since.
    private final Map<String, Long> sizes = new ConcurrentHashMap<>();

    public CacheMounts(Store store, InstantSource clock) {
        this.directory = store.layout().buildRecords().resolveSibling("mounts");
        this.durable = store.durable();
        this.layers = store.layers();
        this.clock = clock;
    }

    /// Finds or makes the cache that a step asks for. Waits while it is locked, or to be locked and in
    /// use; an interrupt ends that.
    ///
    /// @return to be closed
    public CacheMount open(Request request) throws IOException, InterruptedException {
        String name = take(request.key(), request.sharing());
        boolean done = false;
        try {
            Path place = directory.resolve(name);
            if (!Files.isDirectory(place.resolve(DATA))) {
                make(place, request);
            }
            sizes.remove(name);
            note(place, request.description());
            var mount =
                    new CacheMount(
                            FileCalls.open(
                                    Fd.CWD,
                                    place.resolve(DATA).toString(),
                                    FileCalls.O_RDONLY
                                            | FileCalls.O_DIRECTORY
                                            | FileCalls.O_NOFOLLOW),
                            () -> release(name));
            done = true;
            return mount;
        } finally {
            if (!done) {
                release(name);
            }
        }
    }

    /// Decides which directory it is.
    private String take(String key, Sharing sharing) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            switch (sharing) {
                case SHARED -> {
                    for (int i = 0; ; i++) {
                        String name = key + "." + i;
                        int now = users.getOrDefault(name, 0);
                        if (now != ALONE) {
                            users.put(name, now + 1);
                            return name;
                        }
                    }
                }
                case PRIVATE -> {
                    int i = 0;
                    while (users.containsKey(key + "." + i)) {
                        i++;
                    }
                    users.put(key + "." + i, ALONE);
                    return key + "." + i;
                }
                case LOCKED -> {
                    String name = key + ".0";
                    while (users.containsKey(name)) {
                        released.await();
                    }
                    users.put(name, ALONE);
                    return name;
                }
            }
            throw new IllegalStateException("sharing " + sharing);
        } finally {
            lock.unlock();
        }
    }

    private void release(String name) {
        lock.lock();
        try {
            users.computeIfPresent(
                    name, (it, count) -> count == ALONE || count == 1 ? null : count - 1);
            released.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Makes the directory, all or nothing. Of two that make the same one the second finds it there.
    private void make(Path place, Request request) throws IOException {
        durable.createDirectories(directory);
        Path fresh = directory.resolve(mine + made.incrementAndGet());
        Files.createDirectory(fresh);
        boolean done = false;
        try {
            Path data = Files.createDirectory(fresh.resolve(DATA));
            try (Fd to = FileCalls.openDirectory(data.toString())) {
                FileCalls.chmod(to, MODE);
                if (request.base().isPresent()) {
                    try (Fd from = request.base().get().opener().open()) {
                        Snapshots.copy(from, to);
                    }
                }
                if (request.uid().isPresent() || request.gid().isPresent()) {
                    FileCalls.chown(to, request.uid().orElse(0), request.gid().orElse(0));
                }
                if (request.mode().isPresent()) {
                    FileCalls.chmod(to, request.mode().getAsInt());
                }
            }
            durable.rename(fresh, place);
            done = true;
        } catch (FileSystemException e) {
            if (!Files.isDirectory(place.resolve(DATA))) {
                throw e;
            }
        } finally {
            if (!done) {
                layers.discardStray(fresh);
            }
        }
    }

    /// A cache without a readable record is as good as one with.
    private void note(Path place, String description) throws IOException {
        CacheRecord record =
                read(place)
                        .map(before -> before.used(clock.instant(), 1))
                        .orElseGet(() -> CacheRecord.made(description, clock.instant()));
        durable.write(place.resolve(RECORD), record.write(), Durable.Sync.LATER);
    }

    private static Optional<CacheRecord> read(Path place) throws IOException {
        Path file = place.resolve(RECORD);
        try {
            return Optional.of(CacheRecord.read(Files.readAllBytes(file)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "not readable: " + file, e);
            return Optional.empty();
        }
    }

    // --- what there is

    @Override
    public List<CacheUsage> usage() throws IOException {
        var usage = new ArrayList<CacheUsage>();
        for (Path place : places()) {
            String name = String.valueOf(place.getFileName());
            CacheRecord record =
                    read(place).orElseGet(() -> CacheRecord.made("cache mount", clock.instant()));
            usage.add(
                    new CacheUsage(
                            id(name),
                            List.of(),
                            CacheUsage.CACHE_MOUNT,
                            record.description(),
                            isUsed(name),
                            false,
                            size(place, name),
                            record.created(),
                            record.lastUsed(),
                            record.uses()));
        }
        return usage;
    }

    private List<Path> places() throws IOException {
        var places = new ArrayList<Path>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (NAME.matcher(name).matches()) {
                    places.add(entry);
                } else if (isLeftover(name)) {
                    layers.discardStray(entry);
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        return places;
    }

    private boolean isLeftover(String name) {
        return name.startsWith(NEW) && !name.startsWith(mine);
    }

    private static String id(String name) {
        return Names.of("mount", name);
    }

    private boolean isUsed(String name) {
        lock.lock();
        try {
            return users.containsKey(name);
        } finally {
            lock.unlock();
        }
    }

    /// To find it out takes a walk.
    private long size(Path place, String name) throws IOException {
        Long known = sizes.get(name);
        if (known != null) {
            return known;
        }
        long size = DiskUsage.of(place.resolve(DATA));
        lock.lock();
        try {
            if (!users.containsKey(name)) {
                sizes.put(name, size);
            }
        } finally {
            lock.unlock();
        }
        return size;
    }

    @Override
    public boolean remove(String id) throws IOException {
        for (Path place : places()) {
            String name = String.valueOf(place.getFileName());
            if (id(name).equals(id)) {
                return remove(place, name);
            }
        }
        return false;
    }

    private boolean remove(Path place, String name) throws IOException {
        lock.lock();
        try {
            if (users.putIfAbsent(name, ALONE) != null) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        try {
            sizes.remove(name);
            layers.discardStray(place);
            return true;
        } finally {
            release(name);
        }
    }
}
