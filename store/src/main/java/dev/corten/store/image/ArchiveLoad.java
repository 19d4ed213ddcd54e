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
import dev.corten.store.Durable;
import dev.corten.store.StoreLayout;
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
    private final StoreLayout layout;
    private final Durable durable;
    private final Content content;
    private final LayerImport imports;
    private final Set<Digest> known;
    private final Consumer<LoadEvent> events;

    private final Optional<Platform> platform;
    private final Map<String, byte[]> documents = new HashMap<>();
    private final Set<String> oversized = new HashSet<>();
    private final Map<String, LayerBlob> blobs = new LinkedHashMap<>();
    private final Map<String, String> links = new HashMap<>();
    private final byte[] buffer = new byte[BUFFER];
    private final ByteBuffer direct = ByteBuffer.allocateDirect(BUFFER);
    private long documentBytes;

    ArchiveLoad(
            Images images,
            StoreLayout layout,
            Durable durable,
            Content content,
            LayerImport imports,
            Layers layers,
            Optional<Platform> platform,
            Consumer<LoadEvent> events) {
        this.images = images;
        this.layout = layout;
        this.durable = durable;
        this.content = content;
        this.imports = imports;
        this.known = images.knownLayers();
        this.platform = platform;
        this.events = events;
    }

    List<Image> load(InputStream archive) throws IOException, InterruptedException {
        try {
            List<Images.NewImage> loaded;
            List<LoadEvent.NameMoved> moved;
            try (var pool = new UnpackPool()) {
                read(archive, pool);
                loaded = new ArrayList<>();
                moved = pool.run(() -> commit(loaded));
            }
            return report(loaded, moved);
        } finally {
            for (LayerBlob blob : blobs.values()) {
                blob.close();
            }
        }
    }

    private List<Image> report(List<Images.NewImage> loaded, List<LoadEvent.NameMoved> moved) {
        var result = new ArrayList<Image>();
        for (Images.NewImage image : loaded) {
            moved.stream().filter(m -> image.names().contains(m.name())).forEach(events);
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
                String path = ArchiveIndex.path(entry.get().name().toString());
                switch (entry.get().kind()) {
                    case FILE -> file(path, entry.get(), tar, pool);
                    case SYMLINK ->
                            links.put(path, beside(path, entry.get().linkTarget().toString()));
                    case HARD_LINK ->
                            links.put(path, ArchiveIndex.path(entry.get().linkTarget().toString()));
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
        if (links.size() + oversized.size() + documents.size() + blobs.size() >= MAX_NAMES) {
            throw new InvalidParameter("archive has more than " + MAX_NAMES + " files");
        }
        if (entry.name().length() > MAX_NAME || entry.linkTarget().length() > MAX_NAME) {
            throw new InvalidParameter("name in archive is longer than " + MAX_NAME + " bytes");
        }
    }

    private static String beside(String path, String target) {
        return target.startsWith("/")
                ? ArchiveIndex.path(target)
                : ArchiveIndex.path(path + "/../" + target);
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
        } else if (looksLikeJson(head)) {
            document(path, entry.size(), head, data);
        }
    }

    private boolean looksLikeJson(int head) {
        int i = 0;
        while (i < head && " \t\r\n".indexOf(buffer[i]) >= 0) {
            i++;
        }
        return i < head && (buffer[i] == '{' || buffer[i] == '[');
    }

    private void document(String path, long size, int head, InputStream data) throws IOException {
        if (size > Json.MAX_DOCUMENT) {
            oversized.add(path);
            return;
        }
        documentBytes += size;
        if (documentBytes > MAX_DOCUMENTS) {
            throw new InvalidParameter(
                    "archive has more than " + MAX_DOCUMENTS + " bytes of JSON documents");
        }
        byte[] bytes = new byte[(int) size];
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

    private List<LoadEvent.NameMoved> commit(List<Images.NewImage> loaded)
            throws IOException, InterruptedException {
        List<ArchiveIndex.Found> found =
                new ArchiveIndex(documents(), oversized, platform).images();
        for (ArchiveIndex.Found image : found) {
            loaded.add(check(image));
        }
        for (int i = 0; i < found.size(); i++) {
            Optional<Digest> parent = found.get(i).parent();
            if (parent.isPresent() && isKnown(parent.get(), loaded)) {
                loaded.set(i, loaded.get(i).withParent(parent));
            }
        }
        try (var session = imports.session()) {
            var used = new LinkedHashMap<Digest, Content.Ingest>();
            for (int i = 0; i < found.size(); i++) {
                stack(found.get(i), loaded.get(i), session, used);
            }
            if (session.hasNew()) {
                durable.syncFileSystem(layout.dataRoot());
            }
            try (var _ = content.publish(List.copyOf(used.values()))) {
                session.commit();
            }
            return images.add(loaded);
        }
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
            Optional<Digest> stated = ArchiveIndex.statedDigest(blob.path());
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

    private void stack(
            ArchiveIndex.Found found,
            Images.NewImage image,
            LayerImport.Session session,
            Map<Digest, Content.Ingest> used)
            throws IOException, InterruptedException {
        var chain = session.chain();
        for (int i = 0; i < found.layers().size(); i++) {
            if (chain.addExisting(image.document().diffIds().get(i))) {
                continue;
            }
            LayerBlob blob = blob(found.layers().get(i));
            LayerBlob.Contents contents = blob.contents();
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
            if (!used.containsKey(contents.blob())) {
                blob.ingest().verified(contents.blob(), contents.blob());
                used.put(contents.blob(), blob.ingest());
            }
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
