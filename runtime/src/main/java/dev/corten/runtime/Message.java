package dev.corten.runtime;

import dev.corten.kernel.Fd;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// A message between daemon and monitor, `docs/formats/shim-protocol.md` section 5.
///
/// @param body after the header, positioned at its start
/// @param fds the receiver's
record Message(int type, long tag, ByteBuffer body, List<Fd> fds) {
    static final int HEADER = 16;
    static final int MAX_BYTES = 64 * 1024;
    private static final int VERSION = 1;

    // daemon → monitor
    static final int HELLO = 1;
    static final int GO = 2;
    static final int ATTACH = 3;
    static final int RELEASE = 4;
    static final int SIGNAL = 5;
    static final int RESIZE = 6;
    static final int EXEC = 7;
    static final int CLOSE_STDIN = 9;
    static final int DETACH = 10;
    static final int LOG_POSITION = 11;
    static final int REOPEN_LOG = 12;
    static final int BYE = 13;
    static final int KEEP = 14;
    static final int TAKE = 15;

    // monitor → daemon
    static final int STATE = 101;
    static final int STARTED = 102;
    static final int FAILED = 103;
    static final int EXITED = 104;
    static final int ATTACHED = 105;
    static final int DETACHED = 106;
    static final int DONE = 107;
    static final int EXEC_STARTED = 108;
    static final int EXEC_FAILED = 109;
    static final int EXEC_EXITED = 110;
    static final int LOG = 111;
    static final int OOM = 112;
    static final int KEPT = 114;

    /// The message in the first bytes of a packet.
    ///
    /// @throws IllegalArgumentException if it has no whole header of this version
    static Message parse(byte[] packet, int length, List<Fd> fds) {
        var bytes =
                ByteBuffer.wrap(java.util.Arrays.copyOf(packet, length))
                        .order(ByteOrder.LITTLE_ENDIAN);
        if (length < HEADER || bytes.getInt(4) != VERSION) {
            throw new IllegalArgumentException("packet of " + length + " bytes");
        }
        int type = bytes.getInt(0);
        long tag = bytes.getLong(8);
        return new Message(
                type,
                tag,
                bytes.slice(HEADER, length - HEADER).order(ByteOrder.LITTLE_ENDIAN),
                fds);
    }

    /// A packet with room for a body of this size, positioned at it.
    static ByteBuffer packet(int type, long tag, int bodySize) {
        return ByteBuffer.allocate(HEADER + bodySize)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type)
                .putInt(VERSION)
                .putLong(tag);
    }

    static ByteBuffer names(int type, long tag, Collection<String> names) {
        List<byte[]> encoded = names.stream().map(n -> n.getBytes(StandardCharsets.UTF_8)).toList();
        int size = 4 + encoded.stream().mapToInt(b -> b.length + 1).sum();
        ByteBuffer packet = packet(type, tag, size).putInt(encoded.size());
        encoded.forEach(name -> packet.put(name).put((byte) 0));
        return packet;
    }

    /// The names of a KEPT message.
    List<String> names() {
        int count = body.getInt();
        var names = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            int start = body.position();
            while (body.get() != 0) {
                // to the end of the name
            }
            names.add(
                    new String(
                            body.array(),
                            body.arrayOffset() + start,
                            body.position() - start - 1,
                            StandardCharsets.UTF_8));
        }
        return names;
    }
}
