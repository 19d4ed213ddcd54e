package dev.corten.kernel.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// One message from the kernel, without its `nlmsghdr`.
///
/// @param type the message type, such as `RTM_NEWLINK`
/// @param payload the family's own header, then attributes
@SuppressWarnings("ArrayRecordComponent") // never compared; copied by nobody
public record NetlinkAnswer(int type, byte[] payload) {
    /// The attributes behind a family header of this size.
    public NetlinkAttributes attributes(int headerSize) {
        return NetlinkAttributes.parse(payload, headerSize);
    }

    public int u8(int offset) {
        return payload[offset] & 0xFF;
    }

    public int u16(int offset) {
        return view().getShort(offset) & 0xFFFF;
    }

    public int u32(int offset) {
        return view().getInt(offset);
    }

    private ByteBuffer view() {
        return ByteBuffer.wrap(payload).order(ByteOrder.nativeOrder());
    }
}
