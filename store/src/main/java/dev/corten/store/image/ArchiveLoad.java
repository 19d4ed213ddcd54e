package dev.corten.store.image;

import dev.corten.archive.Compression;
import dev.corten.archive.TarEntry;
import dev.corten.archive.TarFormatException;
import dev.corten.archive.TarReader;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.image.Image;
import dev.corten.model.image.LoadEvent;
import dev.corten.store.content.Content;
import dev.corten.store.document.Json;
import dev.corten.store.snapshot.LayerImport;
import dev.corten.store.snapshot.Layers;
import dev.corten.store.snapshot.StagedLayer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.ZipException;

/// One `docker load`.
///
/// The archive comes once, and what it means is often said at its end. So everything that can be a
/// layer is spooled to a file and unpacked at once by the pool, into a directory of its own;
/// documents are kept in memory. When the archive has ended well, all of it is checked, then the
/// layers are stacked, the file system is synced once, and only then names appear: first blobs,
/// then layers, configurations, and last the images' names.
final class ArchiveLoad {
    private static final int BUFFER = 256 << 10;
    private static final int HEAD = 512;
    private static final int MAX_DOCUMENTS = 64 << 20;

    /// Of names that are kept until the end; the largest archives of tools have some ten thousand.
    private static final int MAX_NAMES = 200_000;

    private static final int MAX_NAME = 4096;
    private static final int MAX_LINKS = 40;
    private static final long PROGRESS_STEP = 8 << 20;

    private final Images images;
    private final Content content;
    private final LayerImport imports;
    private final Layers layers;
    private final Set<Digest> known;
    private final Consumer<LoadEvent> events;

    private final Optional<Platform> platform;
    private final Map<String, byte[]> documents = new HashMap<>();
    private final Set<String> oversized = new HashSet<>();
    private final Map<String, LayerBlob> blobs = new LinkedHashMap<>();

    /// Blobs that are no layers: what an index has beside images.
    private final Map<String, Content.Ingest> others = new HashMap<>();

    private final Map<String, String> links = new HashMap<>();
    private final byte[] buffer = new byte[BUFFER];
    private final ByteBuffer direct = ByteBuffer.allocateDirect(BUFFER);
    private long documentBytes;

    ArchiveLoad(
            Images images,
            Content content,
            LayerImport imports,
            Layers layers,
            Optional<Platform> platform,
            Consumer<LoadEvent> events) {
        this.images = images;
        this.content = content;
        this.imports = imports;
        this.layers = layers;
        this.known = images.knownLayers();
        this.platform = platform;
        this.events = events;
    }

    List<Image> load(InputStream archive) throws IOException, InterruptedException {
        try {
            try (var pool = new UnpackPool()) {
                read(archive, pool);
                return report(pool.run(this::commit));
            }
        } finally {
            for (LayerBlob blob : blobs.values()) {
                blob.close();
            }
            for (Content.Ingest other : others.values()) {
                other.close();
            }
        }
    }

    /// @param told images that the archive has, without those for other platforms of the same names
    private record Loaded(List<Images.NewImage> told, List<LoadEvent.NameMoved> moved) {}

    private List<Image> report(Loaded loaded) {
        var result = new ArrayList<Image>();
        for (Images.NewImage image : loaded.told()) {
            loaded.moved().stream().filter(m -> image.names().contains(m.name())).forEach(events);
            image.names().forEach(name -> events.accept(new LoadEvent.Named(name, image.id())));
            if (image.names().isEmpty()) {
                events.accept(new LoadEvent.Unnamed(image.id()));
            }
            images.find(image.id()).ifPresent(result::add);
        }
        return List.copyOf(result);
    }

    // --- the stream

    private void read(InputStream archive, UnpackPool pool)
            throws IOException, InterruptedException {
        try (InputStream plain = Compression.open(new Unclosed(archive))) {
            var tar = new TarReader(plain, TarReader.End.MARKED);
            for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                bound(entry.get());
                String path = ArchiveDocuments.path(entry.get().name().toString());
                switch (entry.get().kind()) {
                    case FILE -> file(path, entry.get(), tar, pool);
                    case SYMLINK ->
                            links.put(path, beside(path, entry.get().linkTarget().toString()));
                    case HARD_LINK ->
                            links.put(
                                    path,
                                    ArchiveDocuments.path(entry.get().linkTarget().toString()));
                    case DIRECTORY, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> {}
                }
            }
            tar.drain();
        } catch (TarFormatException | ZipException | EOFException e) {
            throw new InvalidParameter("archive is damaged: " + e.getMessage(), e);
        }
    }

    /// A few bytes of a compressed archive may stand for more names than there is memory for.
    private void bound(TarEntry entry) {
        if (links.size() + oversized.size() + documents.size() + blobs.size() + others.size()
                >= MAX_NAMES) {
            throw new InvalidParameter("archive has more than " + MAX_NAMES + " files");
        }
        if (entry.name().length() > MAX_NAME || entry.linkTarget().length() > MAX_NAME) {
            throw new InvalidParameter("name in archive is longer than " + MAX_NAME + " bytes");
        }
    }

    private static String beside(String path, String target) {
        return target.startsWith("/")
                ? ArchiveDocuments.path(target)
                : ArchiveDocuments.path(path + "/../" + target);
    }

    private void file(String path, TarEntry entry, TarReader tar, UnpackPool pool)
            throws IOException {
        InputStream data = tar.data();
        int head = data.readNBytes(buffer, 0, HEAD);
        boolean layer =
                TarReader.canBegin(buffer, head)
                        || Compression.detect(buffer, head) != Compression.NONE;
        if (layer) {
            spool(path, entry.size(), head, data, pool);
        } else if (looksLikeJson(head) && entry.size() <= Json.MAX_DOCUMENT) {
            document(path, (int) entry.size(), head, data);
        } else {
            if (looksLikeJson(head)) {
                oversized.add(path);
            }
            if (ArchiveDocuments.isBlob(path)) {
                other(path, head, data);
            }
        }
    }

    private void other(String path, int head, InputStream data) throws IOException {
        Content.Ingest ingest = content.ingest();
        Content.Ingest before = others.put(path, ingest);
        if (before != null) {
            before.close();
            throw new InvalidParameter("archive has " + path + " twice");
        }
        for (int n = head; n > 0; n = data.readNBytes(buffer, 0, BUFFER)) {
            write(ingest.channel(), n);
        }
    }

    private boolean looksLikeJson(int head) {
        int i = 0;
        while (i < head && " \t\r\n".indexOf(buffer[i]) >= 0) {
            i++;
        }
        return i < head && (buffer[i] == '{' || buffer[i] == '[');
    }

    private void document(String path, int size, int head, InputStream data) throws IOException {
        documentBytes += size;
        if (documentBytes > MAX_DOCUMENTS) {
            throw new InvalidParameter(
                    "archive has more than " + MAX_DOCUMENTS + " bytes of JSON documents");
        }
        byte[] bytes = new byte[size];
        System.arraycopy(buffer, 0, bytes, 0, head);
        data.readNBytes(bytes, head, bytes.length - head);
        documents.put(path, bytes);
    }

    private void spool(String path, long size, int head, InputStream data, UnpackPool pool)
            throws IOException {
        boolean isKnown = digestInName(path).map(known::contains).orElse(false);
        Content.Ingest ingest = content.ingest();
        boolean done = false;
        try {
            long current = 0;
            long reported = 0;
            int filled = head;
            while (filled > 0) {
                write(ingest.channel(), filled);
                current += filled;
                if (!isKnown && (current == size || current - reported >= PROGRESS_STEP)) {
                    reported = current;
                    events.accept(new LoadEvent.LayerProgress(shortName(path), current, size));
                }
                filled = data.readNBytes(buffer, 0, BUFFER);
            }
            var blob =
                    new LayerBlob(
                            path,
                            ingest,
                            imports,
                            pool,
                            isKnown ? LayerBlob.Eagerness.HASH : LayerBlob.Eagerness.UNPACK);
            LayerBlob before = blobs.put(path, blob);
            done = true;
            if (before != null) {
                throw new InvalidParameter("archive has " + path + " twice");
            }
        } finally {
            if (!done) {
                ingest.close();
            }
        }
    }

    private void write(FileChannel channel, int length) throws IOException {
        direct.clear().put(buffer, 0, length).flip();
        while (direct.hasRemaining()) {
            channel.write(direct);
        }
    }

    private static String shortName(String path) {
        return digestInName(path).map(Digest::shortHex).orElse(path);
    }

    /// `blobs/sha256/<hex>`, `<hex>/layer.tar`, `<hex>.tar`: often, not always, the diff ID.
    private static Optional<Digest> digestInName(String path) {
        for (String part : path.split("/")) {
            String hex = part.endsWith(".tar") ? part.substring(0, part.length() - 4) : part;
            if (hex.matches("[0-9a-f]{64}")) {
                return Optional.of(new Digest(hex));
            }
        }
        return Optional.empty();
    }

    // --- after its end

    private Loaded commit() throws IOException, InterruptedException {
        Map<String, byte[]> read = documents();
        List<ArchiveIndex.Found> found =
                new ArchiveIndex(new ArchiveDocuments(read, oversized, this::hasBlob), platform)
                        .images();
        var loaded = new ArrayList<Images.NewImage>();
        for (ArchiveIndex.Found image : found) {
            loaded.add(check(image));
        }
        for (int i = 0; i < found.size(); i++) {
            Optional<Digest> parent = found.get(i).parent();
            if (parent.isPresent() && isKnown(parent.get(), loaded)) {
                loaded.set(i, loaded.get(i).withParent(parent));
            }
        }
        var used = new LinkedHashMap<Digest, Content.Ingest>();
        var carried = new CarriedBlobs(content, read, this::spooled, used);
        try (var session = imports.session();
                carried) {
            for (int i = 0; i < found.size(); i++) {
                List<Digest> kept = stack(found.get(i), loaded.get(i), session, used);
                loaded.set(i, carried.note(found.get(i), loaded.get(i), kept));
            }
            List<LoadEvent.NameMoved> moved;
            try (var _ = content.publish(List.copyOf(used.values()))) {
                session.sync(carried.hasNew());
                session.commit();
                moved = images.add(loaded);
            }
            var told = new ArrayList<Images.NewImage>();
            for (int i = 0; i < found.size(); i++) {
                if (!ArchiveIndex.Origin.isCompanion(found.get(i), found)) {
                    told.add(loaded.get(i));
                }
            }
            return new Loaded(told, moved);
        }
    }

    private boolean hasBlob(String path) {
        String target = followed(path);
        return blobs.containsKey(target) || others.containsKey(target);
    }

    /// The file with the bytes of a member that is no document in memory.
    private Content.Ingest spooled(String path) {
        Content.Ingest other = others.get(followed(path));
        return other != null ? other : blob(path).ingest();
    }

    private boolean isKnown(Digest image, List<Images.NewImage> loaded) {
        return images.find(image).isPresent()
                || loaded.stream().anyMatch(other -> other.id().equals(image));
    }

    /// Documents, those that are links too.
    private Map<String, byte[]> documents() {
        var all = new HashMap<>(documents);
        for (String link : links.keySet()) {
            byte[] target = documents.get(followed(link));
            if (target != null) {
                all.putIfAbsent(link, target);
            }
        }
        return all;
    }

    private String followed(String path) {
        String at = path;
        for (int i = 0; links.containsKey(at); i++) {
            if (i == MAX_LINKS) {
                throw new InvalidParameter("archive has a circle of links at " + path);
            }
            at = links.getOrDefault(at, at);
        }
        return at;
    }

    private LayerBlob blob(String path) {
        LayerBlob blob = blobs.get(followed(path));
        if (blob == null) {
            throw new InvalidParameter(
                    "archive is incomplete: layer " + path + " is missing or is no tar archive");
        }
        return blob;
    }

    private Images.NewImage check(ArchiveIndex.Found image)
            throws IOException, InterruptedException {
        var document = ImageDocument.parse(image.configPath(), image.config());
        List<Digest> diffIds = document.diffIds();
        if (diffIds.size() != image.layers().size()) {
            throw new InvalidParameter(
                    image.configPath()
                            + " describes "
                            + diffIds.size()
                            + " layers, the archive lists "
                            + image.layers().size());
        }
        for (int i = 0; i < diffIds.size(); i++) {
            LayerBlob blob = blob(image.layers().get(i));
            LayerBlob.Contents contents = blob.contents();
            Optional<Digest> stated = ArchiveDocuments.statedDigest(blob.path());
            if (stated.isPresent() && !stated.get().equals(contents.blob())) {
                throw new InvalidParameter(
                        "layer " + blob.path() + " is damaged: its digest is " + contents.blob());
            }
            if (!contents.diffId().equals(diffIds.get(i))) {
                throw new InvalidParameter(
                        "layer "
                                + blob.path()
                                + " is damaged: its diff ID is "
                                + contents.diffId()
                                + ", "
                                + image.configPath()
                                + " says "
                                + diffIds.get(i));
            }
        }
        return new Images.NewImage(
                Digest.of(image.config()), image.config(), document, image.names());
    }

    /// @return blobs that the layers do not keep by themselves, and that the image came with
    private List<Digest> stack(
            ArchiveIndex.Found found,
            Images.NewImage image,
            LayerImport.Session session,
            Map<Digest, Content.Ingest> used)
            throws IOException, InterruptedException {
        var chain = session.chain();
        var kept = new ArrayList<Digest>();
        for (int i = 0; i < found.layers().size(); i++) {
            Digest diffId = image.document().diffIds().get(i);
            LayerBlob blob = blob(found.layers().get(i));
            LayerBlob.Contents contents = blob.contents();
            Digest chainId = chain.next(diffId);
            if (chain.addExisting(diffId)) {
                // A plain tar is made again from the layer.
                boolean known =
                        contents.blob().equals(diffId)
                                || layers.find(chainId)
                                        .map(layer -> layer.blobs().contains(contents.blob()))
                                        .orElse(false);
                if (found.origin().isPresent() && !known) {
                    kept.add(contents.blob());
                    use(blob, contents, used);
                }
                continue;
            }
            try {
                StagedLayer staged = contents.staged().filter(StagedLayer::isUntaken).orElse(null);
                if (staged == null) {
                    staged = blob.unpackAgain().staged().orElseThrow();
                }
                staged.take();
                if (!chain.add(staged, Optional.of(contents.blob()))) {
                    continue;
                }
            } catch (TarFormatException e) {
                throw blob.damaged(e);
            }
            use(blob, contents, used);
        }
        return kept;
    }

    private static void use(
            LayerBlob blob, LayerBlob.Contents contents, Map<Digest, Content.Ingest> used) {
        if (!used.containsKey(contents.blob())) {
            blob.ingest().verified(contents.blob(), contents.blob());
            used.put(contents.blob(), blob.ingest());
        }
    }

    /// The caller's stream, which closing ours shall not close.
    private static final class Unclosed extends java.io.FilterInputStream {
        private Unclosed(InputStream in) {
            super(in);
        }

        @Override
        public void close() {}
    }
}
