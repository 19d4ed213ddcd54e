package dev.corten.kernel.netlink;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Netlink requests, encoded one behind the other so that one `send` carries them all.
///
/// A message is opened by [#begin], filled by the header and attribute methods, and ended by the
/// next `begin` or by [#bytes]. Integers are in the machine's byte order as netlink wants them;
/// the `...BigEndian` variants are for nfnetlink and for addresses. Sequence numbers are assigned
/// by the socket when it sends. Not thread-safe.
public final class NetlinkBatch {
    /// `NLM_F_REQUEST` and its companions, from linux/netlink.h.
    public static final int REQUEST = 0x1;

    public static final int ACK = 0x4;
    public static final int ECHO = 0x8;
    public static final int DUMP = 0x300;
    public static final int REPLACE = 0x100;
    public static final int EXCLUSIVE = 0x200;
    public static final int CREATE = 0x400;
    public static final int APPEND = 0x800;

    /// `struct nlmsghdr`: length, type, flags, sequence number, port.
    static final int HEADER = 16;

    private static final int NESTED = 0x8000;
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.nativeOrder());
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private byte[] buffer = new byte[1024];
    private int size;
    private int messageStart = -1;
    private final List<Integer> starts = new ArrayList<>();
    private final List<String> descriptions = new ArrayList<>();

    /// Begins a message; `description` names it in the error, should the kernel refuse it.
    public NetlinkBatch begin(int type, int flags, String description) {
        finishMessage();
        messageStart = size;
        starts.add(size);
        descriptions.add(description);
        u32(0).u16(type).u16(flags | REQUEST).u32(0).u32(0);
        return this;
    }

    public NetlinkBatch u8(int value) {
        reserve(1);
        buffer[size++] = (byte) value;
        return this;
    }

    public NetlinkBatch u16(int value) {
        reserve(2);
        SHORT.set(buffer, size, (short) value);
        size += 2;
        return this;
    }

    public NetlinkBatch u16BigEndian(int value) {
        return u8(value >>> 8).u8(value);
    }

    public NetlinkBatch u32(int value) {
        reserve(4);
        INT.set(buffer, size, value);
        size += 4;
        return this;
    }

    public NetlinkBatch bytes(byte[] value) {
        reserve(value.length);
        System.arraycopy(value, 0, buffer, size, value.length);
        size += value.length;
        return this;
    }

    /// An attribute with these bytes, padded to four.
    public NetlinkBatch attribute(int type, byte[] value) {
        u16(4 + value.length).u16(type).bytes(value);
        return pad();
    }

    public NetlinkBatch attributeU8(int type, int value) {
        u16(5).u16(type).u8(value);
        return pad();
    }

    public NetlinkBatch attributeU16(int type, int value) {
        u16(6).u16(type).u16(value);
        return pad();
    }

    public NetlinkBatch attributeU32(int type, int value) {
        return u16(8).u16(type).u32(value);
    }

    public NetlinkBatch attributeU32BigEndian(int type, int value) {
        return u16(8).u16(type).u16BigEndian(value >>> 16).u16BigEndian(value);
    }

    public NetlinkBatch attributeU64BigEndian(int type, long value) {
        reserve(12);
        u16(12).u16(type);
        LONG.set(
                buffer,
                size,
                ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? value : Long.reverseBytes(value));
        size += 8;
        return this;
    }

    /// A text with its terminating zero byte.
    public NetlinkBatch attribute(int type, String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        return attribute(type, Arrays.copyOf(text, text.length + 1));
    }

    /// An attribute made of attributes: what `content` writes until it returns.
    public NetlinkBatch nested(int type, Runnable content) {
        return container(type | NESTED, content);
    }

    /// As [#nested] without the flag `NLA_F_NESTED`, for families older than it.
    public NetlinkBatch container(int type, Runnable content) {
        int start = size;
        u16(0).u16(type);
        content.run();
        int length = size - start;
        if (length > 0xFFFF) {
            throw new IllegalArgumentException("netlink attribute of " + length + " bytes");
        }
        SHORT.set(buffer, start, (short) length);
        return pad();
    }

    /// How many messages there are.
    public int count() {
        return starts.size();
    }

    /// How many bytes there are so far.
    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return starts.isEmpty();
    }

    /// What the n-th message was called in [#begin].
    public String description(int index) {
        return descriptions.get(index);
    }

    /// The encoded messages, with consecutive sequence numbers from `firstSequence`.
    byte[] encode(int firstSequence) {
        finishMessage();
        for (int i = 0; i < starts.size(); i++) {
            INT.set(buffer, starts.get(i) + 8, firstSequence + i);
        }
        return Arrays.copyOf(buffer, size);
    }

    /// Asks for an acknowledgement of every message.
    void acknowledgeAll() {
        starts.forEach(this::acknowledge);
    }

    /// Asks for an acknowledgement of every message but the first and the last.
    void acknowledgeBetweenFirstAndLast() {
        starts.subList(1, starts.size() - 1).forEach(this::acknowledge);
    }

    private void acknowledge(int start) {
        int flags = (short) SHORT.get(buffer, start + 6) & 0xFFFF;
        SHORT.set(buffer, start + 6, (short) (flags | ACK));
    }

    private void finishMessage() {
        if (messageStart >= 0) {
            pad();
            INT.set(buffer, messageStart, size - messageStart);
            messageStart = -1;
        }
    }

    private NetlinkBatch pad() {
        int padded = (size + 3) & ~3;
        reserve(padded - size);
        Arrays.fill(buffer, size, padded, (byte) 0);
        size = padded;
        return this;
    }

    private void reserve(int more) {
        if (size + more > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(size + more, buffer.length * 2));
        }
    }
}
