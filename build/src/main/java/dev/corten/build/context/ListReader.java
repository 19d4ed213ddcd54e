package dev.corten.build.context;

import dev.corten.kernel.file.Stat;
import dev.corten.model.InvalidParameter;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;

/// Reads the list of a client's directory, and believes nothing.
final class ListReader {
    private static final int PATH_MAX = 4095;
    private static final int LINK_MAX = 4095;
    private static final int ATTRIBUTES_MAX = 256 << 10;

    private static final byte[] NONE = {};

    private final DataInputStream in;
    private byte[] before = NONE;
    private final Deque<byte[]> directories = new ArrayDeque<>();
    private long bytes;

    ListReader(InputStream in) {
        this.in = new DataInputStream(new BufferedInputStream(in, 64 << 10));
    }

    /// How many bytes have been read.
    long bytes() {
        return bytes;
    }

    /// @return empty at the end
    Optional<ListEntry> next() throws IOException {
        int first = in.read();
        if (first < 0) {
            return Optional.empty();
        }
        int pathLength = first << 8 | in.readUnsignedByte();
        if (pathLength == 0 || pathLength > PATH_MAX) {
            throw wrong("path of " + pathLength + " bytes");
        }
        byte[] head = new byte[pathLength + ListEntry.FIXED + 2];
        in.readFully(head);
        int linkLength = (head[head.length - 2] & 0xFF) << 8 | head[head.length - 1] & 0xFF;
        if (linkLength > LINK_MAX) {
            throw wrong("link of " + linkLength + " bytes");
        }
        byte[] link = new byte[linkLength];
        in.readFully(link);
        byte[] attributes = attributes();
        byte[] raw =
                ByteBuffer.allocate(2 + head.length + link.length + attributes.length)
                        .putShort((short) pathLength)
                        .put(head)
                        .put(link)
                        .put(attributes)
                        .array();
        bytes += raw.length;
        var entry = new ListEntry(raw);
        check(entry, link);
        return Optional.of(entry);
    }

    private byte[] attributes() throws IOException {
        int count = in.readUnsignedShort();
        var bytes = new java.io.ByteArrayOutputStream();
        bytes.write(count >> 8);
        bytes.write(count);
        for (int i = 0; i < count; i++) {
            byte[] name = new byte[in.readUnsignedShort()];
            in.readFully(name);
            int length = in.readInt();
            if (length < 0 || bytes.size() + name.length + length > ATTRIBUTES_MAX) {
                throw wrong("extended attributes of more than " + ATTRIBUTES_MAX + " bytes");
            }
            byte[] value = new byte[length];
            in.readFully(value);
            bytes.write(name.length >> 8);
            bytes.write(name.length);
            bytes.write(name);
            for (int shift = 24; shift >= 0; shift -= 8) {
                bytes.write(length >> shift);
            }
            bytes.write(value);
        }
        return bytes.toByteArray();
    }

    private void check(ListEntry entry, byte[] link) {
        byte[] path = entry.pathBytes();
        if (ListEntry.compare(before, path) >= 0) {
            throw wrong(entry.path() + " is out of order");
        }
        int slash = -1;
        for (int i = 0, start = 0; i <= path.length; i++) {
            if (i == path.length || path[i] == '/') {
                int length = i - start;
                boolean dots =
                        length == 1 && path[start] == '.'
                                || length == 2 && path[start] == '.' && path[start + 1] == '.';
                if (length == 0 || length > 255 || dots) {
                    throw wrong("impossible path " + entry.path());
                }
                slash = i < path.length ? i : slash;
                start = i + 1;
            } else if (path[i] == 0) {
                throw wrong("path with a NUL byte");
            }
        }
        byte[] parent = slash < 0 ? NONE : Arrays.copyOf(path, slash);
        while (!directories.isEmpty() && !Arrays.equals(directories.peek(), parent)) {
            directories.pop();
        }
        if (slash >= 0 && directories.isEmpty()) {
            throw wrong(entry.path() + " comes without its directory");
        }
        boolean isLink = entry.type() == Stat.S_IFLNK;
        boolean known =
                switch (entry.type()) {
                    case Stat.S_IFDIR, Stat.S_IFREG, Stat.S_IFLNK -> true;
                    case Stat.S_IFCHR, Stat.S_IFBLK, Stat.S_IFIFO -> true;
                    default -> false;
                };
        boolean mayLink = isLink || entry.isFile();
        boolean linkIsWrong = link.length > 0 ? !mayLink : isLink;
        if (!known || linkIsWrong || entry.size() < 0) {
            throw wrong(entry.path() + " is of an impossible kind");
        }
        for (byte b : link) {
            if (b == 0) {
                throw wrong("link with a NUL byte");
            }
        }
        if (entry.isDirectory()) {
            directories.push(path);
        }
        before = path;
    }

    private static InvalidParameter wrong(String what) {
        return new InvalidParameter("invalid list of the build context: " + what);
    }
}
