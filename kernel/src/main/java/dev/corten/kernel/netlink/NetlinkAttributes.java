package dev.corten.kernel.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The attributes of an answer or of a nested attribute, by type.
///
/// Where a type occurs several times (lists of elements), [#all] has each; the other accessors
/// take the last.
public final class NetlinkAttributes {
    private static final int TYPE_MASK = 0x3FFF;

    private final Map<Integer, List<byte[]>> byType = new LinkedHashMap<>();

    private NetlinkAttributes() {}

    /// Reads attributes from `offset` to the end; bytes too short to be an attribute are ignored,
    /// as the kernel's own parsers do.
    public static NetlinkAttributes parse(byte[] bytes, int offset) {
        var attributes = new NetlinkAttributes();
        var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        int position = offset;
        while (position + 4 <= bytes.length) {
            int length = buffer.getShort(position) & 0xFFFF;
            int type = buffer.getShort(position + 2) & TYPE_MASK;
            if (length < 4 || position + length > bytes.length) {
                break;
            }
            byte[] value = new byte[length - 4];
            System.arraycopy(bytes, position + 4, value, 0, value.length);
            attributes.byType.computeIfAbsent(type, _ -> new ArrayList<>()).add(value);
            position += (length + 3) & ~3;
        }
        return attributes;
    }

    public Optional<byte[]> bytes(int type) {
        List<byte[]> values = byType.get(type);
        return values == null ? Optional.empty() : Optional.of(values.getLast());
    }

    public List<byte[]> all(int type) {
        return List.copyOf(byType.getOrDefault(type, List.of()));
    }

    /// The nested attributes of this type; none where it is absent.
    public NetlinkAttributes nested(int type) {
        return bytes(type).map(value -> parse(value, 0)).orElseGet(NetlinkAttributes::new);
    }

    /// A text without its terminating zero; empty where the attribute is absent.
    public String text(int type) {
        return bytes(type).map(NetlinkAttributes::text).orElse("");
    }

    public int u32(int type, int absent) {
        return bytes(type)
                .filter(value -> value.length >= 4)
                .map(value -> ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getInt())
                .orElse(absent);
    }

    public int u32BigEndian(int type, int absent) {
        return bytes(type)
                .filter(value -> value.length >= 4)
                .map(value -> ByteBuffer.wrap(value).getInt())
                .orElse(absent);
    }

    public long u64BigEndian(int type, long absent) {
        return bytes(type)
                .filter(value -> value.length >= 8)
                .map(value -> ByteBuffer.wrap(value).getLong())
                .orElse(absent);
    }

    private static String text(byte[] value) {
        int length = 0;
        while (length < value.length && value[length] != 0) {
            length++;
        }
        return new String(value, 0, length, StandardCharsets.UTF_8);
    }
}
