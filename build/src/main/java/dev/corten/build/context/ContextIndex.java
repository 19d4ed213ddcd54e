package dev.corten.build.context;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/// What is in a copy of a client's directory: the entries of its list, in their order, with the
/// digests of the files. Mapped, not read.
///
/// ```
/// magic 8, boot 36, generation 8, count 8, content 32, position of the tables 8
/// entries, as the client sent them
/// count × 8 positions of the entries, count × 32 digests: zero for what is no file
/// ```
final class ContextIndex implements AutoCloseable {
    private static final byte[] MAGIC = "CTNCTX1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int BOOT = 36;
    private static final int HEADER = 8 + BOOT + 8 + 8 + 32 + 8;
    private static final int HASH = 32;
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Arena arena;
    private final MemorySegment data;
    private final long tables;
    private final int count;

    private ContextIndex(Arena arena, MemorySegment data) {
        this.arena = arena;
        this.data = data;
        this.count = Math.toIntExact(data.get(LONG, 8 + BOOT + 8));
        this.tables = data.get(LONG, HEADER - 8);
    }

    /// @param boot the kernel's name of this boot: what an earlier one has written may not have come
    ///     to the disk
    /// @return empty if there is none, or none of this boot
    static Optional<ContextIndex> open(Path file, String boot) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        var arena = Arena.ofShared();
        boolean done = false;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() < HEADER) {
                return Optional.empty();
            }
            MemorySegment data =
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            byte[] head = data.asSlice(0, 8 + BOOT).toArray(ValueLayout.JAVA_BYTE);
            if (!Arrays.equals(head, 0, 8, MAGIC, 0, 8)
                    || !new String(head, 8, BOOT, StandardCharsets.US_ASCII).equals(boot)) {
                return Optional.empty();
            }
            var index = new ContextIndex(arena, data);
            done = true;
            return Optional.of(index);
        } finally {
            if (!done) {
                arena.close();
            }
        }
    }

    long generation() {
        return data.get(LONG, 8 + BOOT);
    }

    int count() {
        return count;
    }

    Digest content() {
        return digestAt(8 + BOOT + 16);
    }

    private Digest digestAt(long position) {
        byte[] hash = data.asSlice(position, HASH).toArray(ValueLayout.JAVA_BYTE);
        return new Digest(HexFormat.of().formatHex(hash));
    }

    ListEntry entry(int i) {
        long from = start(i);
        long to = i + 1 < count ? start(i + 1) : tables;
        return new ListEntry(data.asSlice(from, to - from).toArray(ValueLayout.JAVA_BYTE));
    }

    /// Whether the i-th entry is this one, byte by byte.
    boolean isSame(int i, ListEntry other) {
        long from = start(i);
        long to = i + 1 < count ? start(i + 1) : tables;
        byte[] raw = other.raw();
        return to - from == raw.length
                && data.asSlice(from, raw.length).mismatch(MemorySegment.ofArray(raw)) < 0;
    }

    private long start(int i) {
        return data.get(LONG, tables + 8L * i);
    }

    byte[] hash(int i) {
        return data.asSlice(tables + 8L * count + (long) HASH * i, HASH)
                .toArray(ValueLayout.JAVA_BYTE);
    }

    /// The digest of a file's bytes.
    Optional<Digest> known(PathBytes path) {
        byte[] wanted = path.bytes();
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            ListEntry entry = entry(middle);
            int order = ListEntry.compare(entry.pathBytes(), wanted);
            if (order == 0) {
                return entry.isFile()
                        ? Optional.of(new Digest(HexFormat.of().formatHex(hash(middle))))
                        : Optional.empty();
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        arena.close();
    }

    /// An index that is being written.
    static final class Writer implements AutoCloseable {
        private final Path file;
        private final DataOutputStream out;
        private long position = HEADER;
        private long[] starts = new long[1024];
        private byte[] hashes = new byte[1024 * HASH];
        private int count;

        Writer(Path file) throws IOException {
            this.file = file;
            this.out =
                    new DataOutputStream(
                            new BufferedOutputStream(Files.newOutputStream(file), 64 << 10));
            out.write(new byte[HEADER]);
        }

        int count() {
            return count;
        }

        /// @return its position in the list
        int add(ListEntry entry) throws IOException {
            if (count == starts.length) {
                starts = Arrays.copyOf(starts, count * 2);
                hashes = Arrays.copyOf(hashes, Math.multiplyExact(count * 2, HASH));
            }
            starts[count] = position;
            out.write(entry.raw());
            position += entry.raw().length;
            return count++;
        }

        void hash(int i, byte[] hash) {
            System.arraycopy(hash, 0, hashes, i * HASH, HASH);
        }

        /// All but the digests is there from now on.
        void flush() throws IOException {
            out.flush();
        }

        /// An entry, after [#flush].
        ListEntry entry(FileChannel channel, int i) throws IOException {
            long to = i + 1 < count ? starts[i + 1] : position;
            var raw = java.nio.ByteBuffer.allocate((int) (to - starts[i]));
            while (raw.hasRemaining() && channel.read(raw, starts[i] + raw.position()) >= 0) {
                // until it is full
            }
            return new ListEntry(raw.array());
        }

        /// Gives names of files the digests of those, after [#flush].
        ///
        /// @param links positions of such names
        /// @throws InvalidParameter if the file is not in the list before them
        void link(int[] links) throws IOException {
            if (links.length == 0) {
                return;
            }
            try (FileChannel channel = FileChannel.open(file)) {
                for (int i : links) {
                    ListEntry link = entry(channel, i);
                    int first = find(channel, link.link().bytes(), i);
                    ListEntry named = first < 0 ? link : entry(channel, first);
                    if (!named.isFile() || named.isHardLink() || named.size() != link.size()) {
                        throw new InvalidParameter(
                                "invalid list of the build context: "
                                        + link.path()
                                        + " is another name of what is no file: "
                                        + link.link());
                    }
                    System.arraycopy(hashes, first * HASH, hashes, i * HASH, HASH);
                }
            }
        }

        /// @param before where the search ends
        private int find(FileChannel channel, byte[] path, int before) throws IOException {
            int low = 0;
            int high = before - 1;
            while (low <= high) {
                int middle = low + high >>> 1;
                int order = ListEntry.compare(entry(channel, middle).pathBytes(), path);
                if (order == 0) {
                    return middle;
                }
                if (order < 0) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return -1;
        }

        void finish(String boot, long generation) throws IOException {
            for (int i = 0; i < count; i++) {
                out.writeLong(starts[i]);
            }
            out.write(hashes, 0, count * HASH);
            out.close();
            var head = java.nio.ByteBuffer.allocate(HEADER);
            head.put(MAGIC).put(boot.getBytes(StandardCharsets.US_ASCII));
            head.putLong(generation).putLong(count);
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                MessageDigest content = Digest.newHash();
                for (int i = 0; i < count; i++) {
                    entry(channel, i).addTo(content);
                    content.update(hashes, i * HASH, HASH);
                }
                head.put(content.digest()).putLong(position).flip();
                channel.write(head, 0);
            }
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}
