package dev.corten.engine.pull;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarWriter;
import dev.corten.model.Digest;
import dev.corten.model.NotFound;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.image.Images.StoredManifest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;

/// A repository in memory that counts what it gives away.
final class FakeRegistry implements ImageSource {
    private final Map<String, StoredManifest> manifests = new ConcurrentHashMap<>();
    private final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
    private final List<String> tags = new ArrayList<>();
    private final AtomicLong served = new AtomicLong();

    /// What a stream does before it gives a byte.
    @FunctionalInterface
    interface Fault {
        void before(Digest blob, long position) throws IOException;
    }

    volatile Fault fault = (_, _) -> {};
    volatile boolean ranges = true;

    /// Bytes of blobs that went out since the last call.
    long served() {
        return served.getAndSet(0);
    }

    // --- content

    Descriptor blob(String mediaType, byte[] content) {
        Digest digest = Digest.of(content);
        blobs.put(digest, content);
        return Descriptor.of(mediaType, digest, content.length);
    }

    void replace(Digest digest, byte[] content) {
        blobs.put(digest, content);
    }

    /// Has manifests only.
    void forget() {
        blobs.clear();
    }

    static byte[] tar(String file, int size) {
        byte[] data = new byte[size];
        new java.util.Random(size).nextBytes(data);
        var bytes = new ByteArrayOutputStream();
        try {
            var tar = new TarWriter(bytes);
            tar.add(TarEntry.file(file, 0644, size), data);
            tar.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] gzip(byte[] plain) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] config(String architecture, byte[]... plainLayers) {
        var ids = new ArrayList<String>();
        for (byte[] layer : plainLayers) {
            ids.add("\"" + Digest.of(layer) + "\"");
        }
        return utf8(
                "{\"os\":\"linux\",\"architecture\":\""
                        + architecture
                        + "\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                        + String.join(",", ids)
                        + "]}}");
    }

    /// An image of tars.
    StoredManifest image(String tag, String architecture, byte[]... plainLayers) {
        List<Descriptor> layers =
                Arrays.stream(plainLayers)
                        .map(layer -> blob(MediaTypes.OCI_LAYER_GZIP, gzip(layer)))
                        .toList();
        return image(tag, blob(MediaTypes.OCI_CONFIG, config(architecture, plainLayers)), layers);
    }

    StoredManifest image(String tag, Descriptor config, List<Descriptor> layers) {
        return manifest(
                tag,
                MediaTypes.OCI_MANIFEST,
                "{\"schemaVersion\":2,\"config\":"
                        + json(config, "")
                        + ",\"layers\":["
                        + String.join(",", layers.stream().map(l -> json(l, "")).toList())
                        + "]}");
    }

    StoredManifest manifest(String tag, String mediaType, String json) {
        byte[] bytes = utf8(json);
        var stored =
                new StoredManifest(Descriptor.of(mediaType, Digest.of(bytes), bytes.length), bytes);
        manifests.put(stored.descriptor().digest().toString(), stored);
        if (!tag.isEmpty()) {
            manifests.put(tag, stored);
            tags.add(tag);
        }
        return stored;
    }

    /// Puts a document under a digest that is not its own.
    void pretend(String tagOrDigest, StoredManifest manifest) {
        manifests.put(tagOrDigest, manifest);
    }

    static String json(Descriptor descriptor, String architecture) {
        return "{\"mediaType\":\""
                + descriptor.mediaType()
                + "\",\"digest\":\""
                + descriptor.digest()
                + "\",\"size\":"
                + descriptor.size()
                + (architecture.isEmpty()
                        ? ""
                        : ",\"platform\":{\"os\":\"linux\",\"architecture\":\""
                                + architecture
                                + "\"}")
                + "}";
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // --- the protocol

    @Override
    public StoredManifest manifest(String tagOrDigest) {
        StoredManifest found = manifests.get(tagOrDigest);
        if (found == null) {
            throw new NotFound("manifest for " + tagOrDigest + " not found: manifest unknown");
        }
        return found;
    }

    @Override
    public Body blob(Descriptor blob, long offset) {
        byte[] content = blobs.get(blob.digest());
        if (content == null) {
            throw new NotFound("blob unknown");
        }
        int from = ranges ? (int) offset : 0;
        var all = new ByteArrayInputStream(content, from, content.length - from);
        InputStream counted =
                new FilterInputStream(all) {
                    private long position = from;

                    @Override
                    public int read(byte[] target, int at, int length) throws IOException {
                        fault.before(blob.digest(), position);
                        int n = in.read(target, at, Math.min(length, 1000));
                        if (n > 0) {
                            position += n;
                            served.addAndGet(n);
                        }
                        return n;
                    }
                };
        return new Body(counted, from, -1, () -> {});
    }

    @Override
    public List<String> tags() {
        return List.copyOf(tags);
    }
}
