package dev.corten.store.snapshot;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.store.Durable;
import dev.corten.store.StoreLayout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The committed layers.
///
/// A layer lives as long as an image's chain, a container's snapshot or a [Pin] needs it;
/// [#collect] removes the others.
public final class Layers {
    private static final System.Logger LOG = System.getLogger(Layers.class.getName());
    private static final SecureRandom RANDOM = new SecureRandom();
    static final String BLOB = "blob";

    /// Its time is that of the layer.
    private static final String DIFF_ID = "diff";

    /// What a layer may be sent as.
    public static final List<String> ARCHIVES = List.of("gzip", "zstd");

    private static final String LINK_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private final StoreLayout layout;
    private final Durable durable;
    private final AtomicLong trashed = new AtomicLong();

    /// One thread: an image of many layers is as many directories, and the disk is one.
    private final ThreadPoolExecutor burials =
            new ThreadPoolExecutor(
                    1,
                    1,
                    2,
                    TimeUnit.SECONDS,
                    new LinkedBlockingQueue<>(),
                    Thread.ofPlatform().daemon().name("store-trash").factory());

    private final Nursery nursery;
    private final Nursery records;
    private final Unsettled unsettled;

    /// One after the other: who comes second may find that all is done.
    private final Semaphore settling = new Semaphore(1, true);

    private final List<Supplier<Set<Digest>>> keepers = new CopyOnWriteArrayList<>();

    /// Directories in which steps of builds are at work.
    private final Set<Path> working = ConcurrentHashMap.newKeySet();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();

    /// Guarded by lock; chains that a thread is committing or removing on disk right now.
    private final Set<Digest> busy = new HashSet<>();

    /// Guarded by lock; the layers on disk.
    private final Map<Digest, Layer> layers = new HashMap<>();

    /// Guarded by lock; layers whose records could not be read, and the blobs that they name.
    private final Map<Digest, List<Digest>> damaged = new HashMap<>();

    /// Guarded by lock; how often a chain's top layer is held by a container or a pin.
    private final Map<Digest, Integer> holds = new HashMap<>();

    /// Guarded by lock; how many of those are pins.
    private final Map<Digest, Integer> pins = new HashMap<>();

    public Layers(StoreLayout layout, Durable durable) {
        this.layout = layout;
        this.durable = durable;
        burials.allowCoreThreadTimeOut(true);
        this.nursery = new Nursery(layout.newSnapshots());
        this.records = new Nursery(layout.newLayerRecords());
        this.unsettled = new Unsettled(layout, durable);
    }

    /// Says who else needs layers, beside images and those who hold them: chain IDs, asked at each
    /// [#collect]. One that is not here is none.
    public void keptBy(Supplier<Set<Digest>> keeper) {
        keepers.add(keeper);
    }

    /// Keeps a chain from collection until it is closed.
    public final class Pin implements AutoCloseable {
        private final Digest chainId;
        private boolean closed;

        /// The chain is held already.
        private Pin(Digest chainId) {
            this.chainId = chainId;
            lock.lock();
            try {
                pins.merge(chainId, 1, Integer::sum);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                lock.lock();
                try {
                    lower(pins, chainId);
                    lower(holds, chainId);
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    /// Reads the records, and removes what a crash left without one.
    public void open() throws IOException {
        for (Path directory :
                List.of(
                        layout.layerRecords(),
                        layout.newLayerRecords(),
                        layout.snapshots(),
                        layout.shortLinks(),
                        layout.newSnapshots(),
                        layout.trash())) {
            durable.createDirectories(directory);
        }
        emptyDirectory(layout.newSnapshots());
        emptyDirectory(layout.newLayerRecords());
        emptyDirectory(layout.trash());
        nursery.open();
        records.open();
        unsettled.open();
        var lost = new HashSet<Digest>();
        lock.lock();
        try {
            try (DirectoryStream<Path> records = Files.newDirectoryStream(layout.layerRecords())) {
                for (Path record : records) {
                    if (unsettled.isLost(record)) {
                        LOG.log(
                                System.Logger.Level.INFO,
                                () -> "layer of a build was not on disk: " + record);
                        lost.add(new Digest(record.getFileName().toString()));
                        discard(record);
                        continue;
                    }
                    try {
                        Layer layer = read(record);
                        layers.put(layer.chainId(), layer);
                        if (Unsettled.isMarked(record)) {
                            unsettled.add(layer);
                        }
                    } catch (IOException e) {
                        LOG.log(System.Logger.Level.ERROR, () -> "layer is damaged: " + record, e);
                        damaged.put(new Digest(record.getFileName().toString()), blobs(record));
                    }
                }
            }
            discardAbove(lost);
        } finally {
            lock.unlock();
        }
        if (!isDamaged()) {
            removeStrays();
        }
    }

    /// What lies on a lost layer is of no use. The lock is held.
    private void discardAbove(Set<Digest> lost) throws IOException {
        boolean more = !lost.isEmpty();
        while (more) {
            more = false;
            for (Layer layer : List.copyOf(layers.values())) {
                if (layer.parent().filter(lost::contains).isPresent()) {
                    discard(layout.layerRecord(layer.chainId()));
                    layers.remove(layer.chainId());
                    unsettled.forget(layer.chainId());
                    more |= lost.add(layer.chainId());
                }
            }
        }
    }

    /// Whether the record or the directory of a layer is not what it should be. Nothing is collected
    /// then: nobody knows what is needed.
    public boolean isDamaged() {
        return !damaged().isEmpty();
    }

    /// The chain IDs of such layers.
    ///
    /// @return what blobs each of them was unpacked from or made into, as far as that can be read
    public Map<Digest, List<Digest>> damaged() {
        lock.lock();
        try {
            return Map.copyOf(damaged);
        } finally {
            lock.unlock();
        }
    }

    /// A layer's directory without a record: its import or its removal was cut short. Containers'
    /// directories have a `chain` file instead of a `committed` one.
    private void removeStrays() throws IOException {
        var known = new HashSet<String>();
        var links = new HashSet<String>();
        for (Layer layer : list()) {
            known.add(layer.cacheId());
            links.add(layer.link());
        }
        try (DirectoryStream<Path> directories =
                Files.newDirectoryStream(layout.snapshots(), "[0-9a-f]*")) {
            for (Path directory : directories) {
                if (Files.exists(directory.resolve("committed"))
                        && !known.contains(directory.getFileName().toString())) {
                    discard(directory);
                }
            }
        }
        try (DirectoryStream<Path> present = Files.newDirectoryStream(layout.shortLinks())) {
            for (Path link : present) {
                if (!links.contains(link.getFileName().toString())) {
                    durable.delete(link);
                }
            }
        }
    }

    private Layer read(Path record) throws IOException {
        try {
            Path parent = record.resolve("parent");
            Path blob = record.resolve(BLOB);
            String cacheId = text(record.resolve("cache-id"));
            if (!cacheId.matches("[0-9a-f]{64}")) {
                throw new IOException("damaged layer record " + record + ": cache-id");
            }
            return new Layer(
                    new Digest(record.getFileName().toString()),
                    Digest.parse(text(record.resolve("diff"))),
                    Files.exists(parent)
                            ? Optional.of(Digest.parse(text(parent)))
                            : Optional.empty(),
                    cacheId,
                    text(layout.layer(cacheId).resolve("link")),
                    Long.parseLong(text(record.resolve("size"))),
                    Files.exists(blob) ? Optional.of(Digest.parse(text(blob))) : Optional.empty(),
                    archives(record));
        } catch (NumberFormatException | InvalidParameter e) {
            throw new IOException("damaged layer record " + record + ": " + e.getMessage(), e);
        }
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file).strip();
    }

    public Collection<Layer> list() {
        lock.lock();
        try {
            return List.copyOf(layers.values());
        } finally {
            lock.unlock();
        }
    }

    public Optional<Layer> find(Digest chainId) {
        lock.lock();
        try {
            return Optional.ofNullable(layers.get(chainId));
        } finally {
            lock.unlock();
        }
    }

    /// When it came here. Empty if it is not here any more.
    public Optional<Instant> madeAt(Digest chainId) throws IOException {
        try {
            return Optional.of(
                    Files.getLastModifiedTime(layout.layerRecord(chainId).resolve(DIFF_ID))
                            .toInstant());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /// The layer and all below it, the top one first.
    ///
    /// @throws NotFound if it is not here
    public List<Layer> chain(Digest chainId) {
        lock.lock();
        try {
            return chainLocked(chainId);
        } finally {
            lock.unlock();
        }
    }

    private List<Layer> chainLocked(Digest chainId) {
        var chain = new ArrayList<Layer>();
        Optional<Digest> next = Optional.of(chainId);
        while (next.isPresent()) {
            Layer layer = layers.get(next.get());
            if (layer == null) {
                throw new NotFound("No such layer: " + next.get());
            }
            chain.add(layer);
            next = layer.parent();
        }
        return chain;
    }

    /// Holds a chain if all of it is here.
    public Optional<Pin> pin(Digest chainId) {
        lock.lock();
        try {
            if (!layers.containsKey(chainId)) {
                return Optional.empty();
            }
            hold(chainId);
            return Optional.of(new Pin(chainId));
        } finally {
            lock.unlock();
        }
    }

    /// Whether there is a [Pin] of this very layer.
    public boolean isPinned(Digest chainId) {
        lock.lock();
        try {
            return pins.containsKey(chainId);
        } finally {
            lock.unlock();
        }
    }

    /// For a container's snapshot; ends with [#release].
    void hold(Digest chainId) {
        lock.lock();
        try {
            holds.merge(chainId, 1, Integer::sum);
        } finally {
            lock.unlock();
        }
    }

    /// Nothing is collected any more until this is opened anew.
    void holdAll() {
        lock.lock();
        try {
            layers.keySet().forEach(chain -> holds.merge(chain, 1, Integer::sum));
        } finally {
            lock.unlock();
        }
    }

    void release(Digest chainId) {
        lock.lock();
        try {
            lower(holds, chainId);
        } finally {
            lock.unlock();
        }
    }

    private static void lower(Map<Digest, Integer> counts, Digest chainId) {
        counts.computeIfPresent(chainId, (chain, count) -> count == 1 ? null : count - 1);
    }

    /// Moves a complete directory of a layer to where it stays. Until it has a record, the next opening
    /// removes it.
    ///
    /// @param directory under `.new/`, with `diff/ link lower committed`
    void place(Layer layer, Path directory) throws IOException {
        durable.symlink(
                layout.shortLinks().resolve(layer.link()), Path.of("..", layer.cacheId(), "diff"));
        durable.rename(directory, layout.layer(layer.cacheId()));
    }

    /// Undoes [#place], or what there is of it.
    void displaceQuietly(Layer layer) {
        try {
            durable.delete(layout.shortLinks().resolve(layer.link()));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, () -> "cannot remove the link of " + layer, e);
        }
        if (Files.exists(layout.layer(layer.cacheId()))) {
            discardQuietly(layout.layer(layer.cacheId()));
        }
    }

    /// Makes a layer's record visible; the layer itself is on disk in its place already. When another
    /// import was faster, this one goes to the trash.
    ///
    /// @param record under `layerdb/tmp/`
    Pin commit(Layer layer, Path record) throws IOException {
        Digest chainId = layer.chainId();
        boolean settled = !Unsettled.isMarked(record);
        lock.lock();
        try {
            while (busy.contains(chainId)) {
                idle.awaitUninterruptibly();
            }
            hold(chainId);
            if (layers.containsKey(chainId)) {
                displaceQuietly(layer);
                discardQuietly(record);
                return new Pin(chainId);
            }
            busy.add(chainId);
        } finally {
            lock.unlock();
        }
        boolean done = false;
        try {
            if (damaged().containsKey(chainId)) {
                retire(chainId);
            }
            durable.rename(record, layout.layerRecord(chainId));
            done = true;
        } finally {
            lock.lock();
            try {
                if (done) {
                    layers.put(chainId, layer);
                    if (!settled) {
                        unsettled.add(layer);
                    }
                } else {
                    release(chainId);
                }
                busy.remove(chainId);
                idle.signalAll();
            } finally {
                lock.unlock();
            }
        }
        return new Pin(chainId);
    }

    // --- layers that are not on disk yet

    /// Makes a record one of a layer that [#settle] has not seen yet.
    void markUnsettled(Path record) throws IOException {
        unsettled.mark(record);
    }

    /// Whether one of these layers is lost if the machine crashes now.
    boolean isUnsettled(Collection<Digest> chainIds) {
        return chainIds.stream().anyMatch(unsettled::contains);
    }

    /// Sees to it that all layers of now survive a crash of the machine. To be called before anything
    /// that survives it refers to a layer that a build has made; costs nothing if there is none.
    public void settle() throws IOException {
        settling.acquireUninterruptibly();
        try {
            List<Layer> now = unsettled.list();
            if (now.isEmpty()) {
                return;
            }
            // All that was marked before is on disk afterwards, and that earlier marks are gone.
            durable.syncFileSystem(layout.dataRoot());
            unsettled.note(now);
            for (Layer layer : now) {
                try (Pin pin = pin(layer.chainId()).orElse(null)) {
                    // Another one of its kind may have been made after this one went.
                    if (pin != null
                            && find(layer.chainId())
                                    .filter(it -> it.cacheId().equals(layer.cacheId()))
                                    .isPresent()) {
                        unsettled.settled(layer);
                    }
                }
            }
        } finally {
            settling.release();
        }
    }

    /// Removes every layer that is below none of [roots], needed by no [keeper][#keptBy] and held by
    /// nobody.
    ///
    /// @param roots the chain IDs of all images
    /// @return the removed, upper ones first
    public List<Layer> collect(Set<Digest> roots) throws IOException {
        var removed = new ArrayList<Layer>();
        if (isDamaged()) {
            return removed;
        }
        var tops = new HashSet<>(roots);
        Set<Digest> known;
        lock.lock();
        try {
            // Who holds a layer may let go of it once a keeper has it, so he is asked first; for
            // the
            // same reason what comes meanwhile stays.
            tops.addAll(holds.keySet());
            known = Set.copyOf(layers.keySet());
        } finally {
            lock.unlock();
        }
        keepers.forEach(keeper -> tops.addAll(keeper.get()));
        lock.lock();
        try {
            var used = new HashSet<Digest>();
            tops.addAll(holds.keySet());
            layers.keySet().stream().filter(it -> !known.contains(it)).forEach(tops::add);
            for (Digest top : tops) {
                for (@Nullable Layer at = layers.get(top); at != null && used.add(at.chainId()); ) {
                    at = at.parent().map(layers::get).orElse(null);
                }
            }
            for (Layer layer : List.copyOf(layers.values())) {
                if (!used.contains(layer.chainId())) {
                    removed.add(layer);
                }
            }
            var depths = new HashMap<Digest, Integer>();
            removed.forEach(l -> depths.put(l.chainId(), chainLocked(l.chainId()).size()));
            removed.sort((a, b) -> depths(depths, b) - depths(depths, a));
            for (Layer layer : removed) {
                layers.remove(layer.chainId());
                unsettled.forget(layer.chainId());
                busy.add(layer.chainId());
            }
        } finally {
            lock.unlock();
        }
        try {
            for (Layer layer : removed) {
                // The record goes first: a directory without one is removed at the next opening.
                discard(layout.layerRecord(layer.chainId()));
                durable.delete(layout.shortLinks().resolve(layer.link()));
                discard(layout.layer(layer.cacheId()));
            }
        } finally {
            lock.lock();
            try {
                removed.forEach(layer -> busy.remove(layer.chainId()));
                idle.signalAll();
            } finally {
                lock.unlock();
            }
        }
        return removed;
    }

    private static int depths(Map<Digest, Integer> depths, Layer layer) {
        return depths.getOrDefault(layer.chainId(), 0);
    }

    // --- what a layer is sent as

    /// Bytes of a layer's tar, and the tar.
    ///
    /// @param size if that is known without reading it
    public record Tar(OptionalLong size, Source source) {
        /// Opens it; the caller closes it.
        @FunctionalInterface
        public interface Source {
            InputStream open() throws IOException;
        }
    }

    /// The tar that a layer was unpacked from, made again; nothing if it was not noted how.
    public Optional<Tar> tar(Layer layer) throws IOException {
        Optional<Tar.Source> source = tarSource(layer);
        return source.isEmpty()
                ? Optional.empty()
                : Optional.of(new Tar(OptionalLong.of(TarSplit.size(split(layer))), source.get()));
    }

    /// The same for whoever does not need its size, which costs reading all that was noted.
    public Optional<Tar.Source> tarSource(Layer layer) {
        Path split = split(layer);
        return Files.exists(split)
                ? Optional.of(
                        () -> TarSplit.open(split, FileCalls.openDirectory(diff(layer).toString())))
                : Optional.empty();
    }

    Path split(Layer layer) {
        return layout.layerRecord(layer.chainId()).resolve(TarSplit.FILE);
    }

    /// The tar of a layer's directory as [LayerTar] makes it.
    public Tar canonicalTar(Layer layer) {
        return new Tar(
                OptionalLong.empty(),
                () ->
                        LayerTar.of(
                                FileCalls.openDirectory(diff(layer).toString()),
                                LayerTar.View.LAYER));
    }

    /// Notes what was made of a layer. The blob is there already, and held; so is the layer.
    ///
    /// @param kind one of [#ARCHIVES]; one that was noted before is forgotten
    /// @throws NotFound if the layer is not here
    public void addArchive(Digest chainId, String kind, Digest archive) throws IOException {
        lock.lock();
        try {
            Layer layer = layers.get(chainId);
            if (layer == null) {
                throw new NotFound("No such layer: " + chainId);
            }
            layers.put(chainId, layer.withArchive(kind, archive));
        } finally {
            lock.unlock();
        }
        durable.write(
                archiveFile(layout.layerRecord(chainId), kind),
                archive.toString().getBytes(StandardCharsets.US_ASCII),
                Durable.Sync.LATER);
    }

    /// Notes that what a layer came as, or was sent as, is no longer here.
    public void forgetBlob(Digest chainId, Digest blob) throws IOException {
        Path record = layout.layerRecord(chainId);
        lock.lock();
        try {
            Layer layer = layers.get(chainId);
            if (layer == null) {
                return;
            }
            layers.put(chainId, layer.withoutBlob(blob));
        } finally {
            lock.unlock();
        }
        for (String kind : ARCHIVES) {
            Path file = archiveFile(record, kind);
            if (Files.exists(file) && text(file).equals(blob.toString())) {
                durable.delete(file);
            }
        }
        Path file = record.resolve(BLOB);
        if (Files.exists(file) && text(file).equals(blob.toString())) {
            durable.delete(file);
        }
    }

    /// Removes a layer that is damaged, so that it can be brought in again; what lies on it stays. Its
    /// holds stay too.
    public void retire(Digest chainId) throws IOException {
        Layer layer;
        lock.lock();
        try {
            damaged.remove(chainId);
            layer = layers.remove(chainId);
            unsettled.forget(chainId);
        } finally {
            lock.unlock();
        }
        if (Files.exists(layout.layerRecord(chainId))) {
            discard(layout.layerRecord(chainId));
        }
        if (layer != null) {
            durable.delete(layout.shortLinks().resolve(layer.link()));
            if (Files.exists(layout.layer(layer.cacheId()))) {
                discard(layout.layer(layer.cacheId()));
            }
        }
    }

    /// All that can be read of them in a record that is damaged.
    private static List<Digest> blobs(Path record) {
        var blobs = new ArrayList<Digest>();
        var files = new ArrayList<>(List.of(record.resolve(BLOB)));
        ARCHIVES.forEach(kind -> files.add(archiveFile(record, kind)));
        for (Path file : files) {
            try {
                if (Files.exists(file)) {
                    blobs.add(Digest.parse(text(file)));
                }
            } catch (IOException | InvalidParameter e) {
                LOG.log(System.Logger.Level.DEBUG, () -> file + " is damaged too", e);
            }
        }
        return blobs;
    }

    private static Path archiveFile(Path record, String kind) {
        return record.resolve("archive-" + kind);
    }

    private static Map<String, Digest> archives(Path record) throws IOException {
        var archives = new HashMap<String, Digest>();
        for (String kind : ARCHIVES) {
            Path file = archiveFile(record, kind);
            if (Files.exists(file)) {
                archives.put(kind, Digest.parse(text(file)));
            }
        }
        return archives;
    }

    // --- directories

    /// Whether something among what is being made is not itself made, but where others are.
    public static boolean isNursery(Path directory) {
        return Nursery.isParent(directory);
    }

    /// Whether a step is at work in a directory that is out of sight, however old that is.
    public boolean isWorking(Path directory) {
        return working.contains(directory);
    }

    void working(Path directory) {
        working.add(directory);
    }

    void worked(Path directory) {
        working.remove(directory);
    }

    /// A new directory of a layer or a container, out of sight.
    Path newDirectory(String name) throws IOException {
        return nursery.make(name);
    }

    /// A new record of a layer, out of sight.
    Path newRecord(String name) throws IOException {
        return records.make(name);
    }

    Path diff(Layer layer) {
        return layout.layer(layer.cacheId()).resolve("diff");
    }

    static String randomId() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    static String randomLink() {
        var link = new StringBuilder();
        for (int i = 0; i < 26; i++) {
            link.append(LINK_ALPHABET.charAt(RANDOM.nextInt(LINK_ALPHABET.length())));
        }
        return link.toString();
    }

    /// Removes a directory that belongs to nothing.
    public void discardStray(Path directory) throws IOException {
        discard(directory);
    }

    /// Takes a directory out of sight at once; its deletion follows on another thread.
    void discard(Path directory) throws IOException {
        Path grave = layout.trash().resolve(Long.toString(trashed.incrementAndGet()));
        durable.rename(directory, grave);
        burials.execute(() -> bury(grave));
    }

    void discardQuietly(Path directory) {
        try {
            discard(directory);
        } catch (IOException e) {
            // What stays is removed at the next opening.
            LOG.log(System.Logger.Level.WARNING, () -> "cannot remove " + directory, e);
        }
    }

    private void bury(Path grave) {
        try {
            delete(grave);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, () -> "cannot remove " + grave, e);
        }
    }

    /// Deletes a tree without following anything in it.
    static void delete(Path directory) throws IOException {
        try (Fd parent = FileCalls.openDirectory(String.valueOf(directory.getParent()))) {
            var deletion = Directories.deleteTree(parent, String.valueOf(directory.getFileName()));
            if (!deletion.failures().isEmpty()) {
                throw deletion.failures().getFirst();
            }
        } catch (Errno e) {
            if (!e.is(Errno.ENOENT)) {
                throw e;
            }
        }
    }

    private static void emptyDirectory(Path directory) throws IOException {
        try (Fd fd = FileCalls.openDirectory(directory.toString())) {
            var deletion = Directories.deleteContents(fd);
            if (!deletion.failures().isEmpty()) {
                throw deletion.failures().getFirst();
            }
        }
    }

    /// Containers that have a snapshot on disk.
    List<ContainerId> containers() throws IOException {
        var ids = new ArrayList<ContainerId>();
        try (DirectoryStream<Path> directories =
                Files.newDirectoryStream(layout.snapshots(), "[0-9a-f]*")) {
            for (Path directory : directories) {
                if (Files.exists(directory.resolve("chain"))) {
                    ids.add(new ContainerId(directory.getFileName().toString()));
                }
            }
        }
        return ids;
    }
}
