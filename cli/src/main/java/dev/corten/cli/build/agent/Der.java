package dev.corten.cli.build.agent;

import dev.corten.cli.build.agent.SshReader.Malformed;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/// As much of DER as keys need.
final class Der {
    static final int INTEGER = 0x02;
    static final int BITS = 0x03;
    static final int OCTETS = 0x04;
    static final int OBJECT = 0x06;
    static final int SEQUENCE = 0x30;

    /// Tagged `[0]`, constructed.
    static final int FIRST = 0xA0;

    /// Tagged `[1]`, constructed.
    static final int SECOND = 0xA1;

    private final ByteBuffer bytes;

    Der(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
    }

    boolean isNext(int tag) {
        return bytes.hasRemaining() && (bytes.get(bytes.position()) & 0xFF) == tag;
    }

    /// The content of the next value, which has to be of this kind.
    byte[] take(int tag) throws Malformed {
        if (!isNext(tag)) {
            throw new Malformed("unexpected value");
        }
        bytes.get();
        int length = length();
        if (length > bytes.remaining()) {
            throw new Malformed("unexpected end");
        }
        byte[] content = new byte[length];
        bytes.get(content);
        return content;
    }

    Der enter(int tag) throws Malformed {
        return new Der(take(tag));
    }

    private int length() throws Malformed {
        int count = bytes.hasRemaining() ? bytes.get() & 0xFF : 0xFF;
        if (count < 0x80) {
            return count;
        }
        count &= 0x7F;
        if (count > 3 || count > bytes.remaining()) {
            throw new Malformed("unexpected end");
        }
        int length = 0;
        for (int i = 0; i < count; i++) {
            length = length << 8 | bytes.get() & 0xFF;
        }
        return length;
    }

    /// A value with this content.
    static byte[] value(int tag, byte[] content) {
        var out = new ByteArrayOutputStream();
        out.write(tag);
        int length = content.length;
        if (length < 0x80) {
            out.write(length);
        } else {
            int count = length < 1 << 8 ? 1 : length < 1 << 16 ? 2 : 3;
            out.write(0x80 | count);
            for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) {
                out.write(length >> shift);
            }
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    static byte[] joined(byte[] first, byte[] second) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(first);
        out.writeBytes(second);
        return out.toByteArray();
    }
}
