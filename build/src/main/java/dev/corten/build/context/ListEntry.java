package dev.corten.build.context;

import dev.corten.kernel.file.Stat;
import dev.corten.model.PathBytes;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a client says of one file, as it says it: `docs/formats/build-protocol.md`.
///
/// @param raw not to be changed
record ListEntry(byte[] raw) {
    /// Between the path and the text of a link.
    static final int FIXED = 4 + 4 + 4 + 8 + 8 + 4 + 8 + 4 + 8;

    private int pathLength() {
        return (raw[0] & 0xFF) << 8 | raw[1] & 0xFF;
    }

    private ByteBuffer fixed() {
        return ByteBuffer.wrap(raw, 2 + pathLength(), FIXED).slice();
    }

    byte[] pathBytes() {
        return Arrays.copyOfRange(raw, 2, 2 + pathLength());
    }

    PathBytes path() {
        return PathBytes.of(pathBytes());
    }

    int mode() {
        return fixed().getInt(0);
    }

    int type() {
        return mode() & Stat.S_IFMT;
    }

    int permissions() {
        return mode() & 07777;
    }

    boolean isDirectory() {
        return type() == Stat.S_IFDIR;
    }

    boolean isFile() {
        return type() == Stat.S_IFREG;
    }

    /// Whether it is another name of a file that the list has before it.
    boolean isHardLink() {
        return isFile() && rest().getShort() != 0;
    }

    /// Of a file, or a device's number.
    long size() {
        return fixed().getLong(12);
    }

    long seconds() {
        return fixed().getLong(20);
    }

    int nanos() {
        return fixed().getInt(28);
    }

    /// Where a symbolic link leads to, or the first name of a file.
    PathBytes link() {
        ByteBuffer rest = rest();
        byte[] link = new byte[rest.getShort() & 0xFFFF];
        rest.get(link);
        return PathBytes.of(link);
    }

    private ByteBuffer rest() {
        int from = 2 + pathLength() + FIXED;
        return ByteBuffer.wrap(raw, from, raw.length - from);
    }

    Map<PathBytes, byte[]> attributes() {
        ByteBuffer rest = rest();
        int link = rest.getShort() & 0xFFFF;
        rest.position(rest.position() + link);
        int count = rest.getShort() & 0xFFFF;
        Map<PathBytes, byte[]> attributes = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            byte[] name = new byte[rest.getShort() & 0xFFFF];
            rest.get(name);
            byte[] value = new byte[rest.getInt()];
            rest.get(value);
            attributes.put(PathBytes.of(name), value);
        }
        return attributes;
    }

    /// What counts in it beside its bytes and its times: mode, link, attributes.
    void addTo(java.security.MessageDigest digest) {
        int after = 2 + pathLength();
        digest.update(raw, 0, after + 4);
        if (!isFile() && !isDirectory()) {
            digest.update(raw, after + 12, 8);
        }
        int rest = after + FIXED;
        digest.update(raw, rest, raw.length - rest);
    }

    /// The order of a list: by the names of a directory, each directory followed by what is in it.
    static int compare(byte[] a, byte[] b) {
        int at = Arrays.mismatch(a, b);
        if (at < 0) {
            return 0;
        }
        return Integer.compare(weight(a, at), weight(b, at));
    }

    private static int weight(byte[] path, int at) {
        if (at >= path.length) {
            return -1;
        }
        return path[at] == '/' ? 0 : path[at] & 0xFF;
    }
}
