package dev.corten.store.migration;

import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// Reads one bucket of a bbolt database (go.etcd.io/bbolt, `internal/common/page.go`), which nobody
/// writes meanwhile: Docker keeps the names and labels of volumes in one.
final class BoltFile {
    private static final int MAX_SIZE = 256 << 20;
    private static final int MAX_DEPTH = 32;

    private static final int PAGE_HEADER = 16;
    private static final int BRANCH = 1;
    private static final int LEAF = 2;
    private static final int ELEMENT = 16;
    private static final int BUCKET_HEADER = 16;
    private static final int MAGIC = 0xED0CDAED;

    // Of a meta page, after the header.
    private static final int PAGE_SIZE = 8;
    private static final int ROOT = 16;
    private static final int TXID = 48;

    private final ByteBuffer bytes;
    private final int pageSize;

    /// Pages that have been read: each has one place in the tree.
    private final Set<Integer> read = new HashSet<>();

    private BoltFile(ByteBuffer bytes, int pageSize) {
        this.bytes = bytes;
        this.pageSize = pageSize;
    }

    /// The entries of a bucket at the top, keys as text; none if there is no such bucket.
    ///
    /// @throws InvalidParameter if the file is damaged or no such database
    static Map<String, byte[]> bucket(Path file, String name) throws IOException {
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(MAX_SIZE + 1);
        }
        if (content.length > MAX_SIZE) {
            throw new InvalidParameter(file + " is larger than " + MAX_SIZE + " bytes");
        }
        try {
            var bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
            int first = meta(bytes, 0);
            int pageSize = bytes.getInt(first + PAGE_SIZE);
            if (pageSize < 1024 || pageSize > 65536) {
                throw new InvalidParameter(file + ": pages of " + pageSize + " bytes");
            }
            int second = meta(bytes, pageSize);
            // Each commit writes the other of the two.
            int meta = bytes.getLong(second + TXID) > bytes.getLong(first + TXID) ? second : first;
            var bolt = new BoltFile(bytes, pageSize);
            var top = new LinkedHashMap<String, byte[]>();
            bolt.read(bolt.page(bytes.getLong(meta + ROOT)), top, 0);
            byte[] bucket = top.get(name);
            return bucket == null ? Map.of() : bolt.entries(bucket);
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            throw new InvalidParameter(file + " is damaged", e);
        }
    }

    private static int meta(ByteBuffer bytes, int page) {
        int meta = page + PAGE_HEADER;
        if (bytes.getInt(meta) != MAGIC) {
            throw new InvalidParameter("no bbolt database");
        }
        return meta;
    }

    private int page(long id) {
        return Math.toIntExact(Math.multiplyExact(id, pageSize));
    }

    /// @param bucket a small one has its only page with it, in the place of a page's number
    private Map<String, byte[]> entries(byte[] bucket) {
        var entries = new LinkedHashMap<String, byte[]>();
        var value = ByteBuffer.wrap(bucket).order(ByteOrder.LITTLE_ENDIAN);
        long root = value.getLong(0);
        if (root == 0) {
            new BoltFile(value, pageSize).read(BUCKET_HEADER, entries, 0);
        } else {
            read(page(root), entries, 0);
        }
        return entries;
    }

    private void read(int page, Map<String, byte[]> entries, int depth) {
        if (depth > MAX_DEPTH || !read.add(page)) {
            throw new InvalidParameter("bbolt database with a page in two places");
        }
        int flags = bytes.getShort(page + 8);
        int count = bytes.getShort(page + 10) & 0xffff;
        for (int i = 0; i < count; i++) {
            int element = page + PAGE_HEADER + i * ELEMENT;
            switch (flags) {
                case BRANCH -> read(page(bytes.getLong(element + 8)), entries, depth + 1);
                case LEAF -> {
                    int key = element + bytes.getInt(element + 4);
                    int keyLength = bytes.getInt(element + 8);
                    entries.put(
                            new String(slice(key, keyLength), StandardCharsets.UTF_8),
                            slice(key + keyLength, bytes.getInt(element + 12)));
                }
                default -> throw new InvalidParameter("bbolt page of kind " + flags);
            }
        }
    }

    private byte[] slice(int at, int length) {
        if (length < 0 || at < 0 || length > bytes.limit() - at) {
            throw new IndexOutOfBoundsException(length);
        }
        byte[] slice = new byte[length];
        bytes.get(at, slice);
        return slice;
    }
}
