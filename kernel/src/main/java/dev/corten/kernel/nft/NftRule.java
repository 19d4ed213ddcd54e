package dev.corten.kernel.nft;

import dev.corten.kernel.netlink.NetlinkBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/// A rule: expressions that are evaluated in order until one does not match.
///
/// Loads put a field into a register; comparisons and look-ups read registers. The sixteen
/// registers of four bytes are numbered from 0; a longer field takes several consecutive ones, and
/// so does a concatenated key. Not thread-safe; may be added to several chains.
public final class NftRule {
    private static final int NFT_REG32_00 = 8;
    private static final int NFT_REG_VERDICT = 0;
    private static final int NFTA_LIST_ELEM = 1;
    private static final int NFTA_EXPR_NAME = 1;
    private static final int NFTA_EXPR_DATA = 2;
    private static final int NFTA_DATA_VALUE = 1;

    private static final int NETWORK_HEADER = 1;
    private static final int TRANSPORT_HEADER = 2;

    private static final int META_IIFNAME = 6;
    private static final int META_OIFNAME = 7;
    private static final int META_NFPROTO = 15;
    private static final int META_L4PROTO = 16;
    private static final int NFPROTO_IPV4 = 2;

    private static final int CT_STATE = 0;
    private static final int CT_STATUS = 2;
    private static final int CT_ESTABLISHED_OR_RELATED = 0x2 | 0x4;
    private static final int IPS_DST_NAT = 0x20;

    private static final int FIB_RESULT_ADDRTYPE = 3;
    private static final int FIB_DADDR = 0x2;
    private static final int RTN_LOCAL = 2;

    private static final int CMP_EQUAL = 0;
    private static final int CMP_UNEQUAL = 1;

    private static final int IFNAMSIZ = 16;

    private final List<Consumer<NetlinkBatch>> expressions = new ArrayList<>();

    // Loads

    public NftRule loadInputInterface(int register) {
        return meta(META_IIFNAME, register);
    }

    public NftRule loadOutputInterface(int register) {
        return meta(META_OIFNAME, register);
    }

    /// The protocol over IP, one byte.
    public NftRule loadTransportProtocol(int register) {
        return meta(META_L4PROTO, register);
    }

    public NftRule loadSource4(int register) {
        return payload(NETWORK_HEADER, 12, 4, register);
    }

    public NftRule loadDestination4(int register) {
        return payload(NETWORK_HEADER, 16, 4, register);
    }

    public NftRule loadDestinationPort(int register) {
        return payload(TRANSPORT_HEADER, 2, 2, register);
    }

    // Matches

    /// Goes on for IPv4 packets only; needed before an IPv4 header is read in an `inet` table.
    public NftRule ipv4() {
        return meta(META_NFPROTO, 0).compare(0, CMP_EQUAL, new byte[] {NFPROTO_IPV4});
    }

    /// Goes on if the packet came in by this interface, or by one with this prefix.
    public NftRule inputInterface(String name) {
        return loadInputInterface(0).compare(0, CMP_EQUAL, interfaceName(name));
    }

    public NftRule inputInterfaceIsNot(String name) {
        return loadInputInterface(0).compare(0, CMP_UNEQUAL, interfaceName(name));
    }

    /// Goes on if the name of the interface that the packet came in by begins so.
    public NftRule inputInterfaceStartsWith(String prefix) {
        return loadInputInterface(0).compare(0, CMP_EQUAL, ascii(prefix));
    }

    public NftRule outputInterface(String name) {
        return loadOutputInterface(0).compare(0, CMP_EQUAL, interfaceName(name));
    }

    public NftRule outputInterfaceStartsWith(String prefix) {
        return loadOutputInterface(0).compare(0, CMP_EQUAL, ascii(prefix));
    }

    public NftRule transportProtocol(int number) {
        return loadTransportProtocol(0).compare(0, CMP_EQUAL, new byte[] {(byte) number});
    }

    public NftRule destinationPort(int port) {
        return loadDestinationPort(0)
                .compare(0, CMP_EQUAL, new byte[] {(byte) (port >>> 8), (byte) port});
    }

    public NftRule source4Within(byte[] network, int prefixLength) {
        return loadSource4(0).within(network, prefixLength);
    }

    public NftRule destination4Within(byte[] network, int prefixLength) {
        return loadDestination4(0).within(network, prefixLength);
    }

    /// Goes on if the destination is one of this host's addresses.
    public NftRule destinationIsLocal() {
        add(
                "fib",
                batch ->
                        batch.attributeU32BigEndian(1, NFT_REG32_00)
                                .attributeU32BigEndian(2, FIB_RESULT_ADDRTYPE)
                                .attributeU32BigEndian(3, FIB_DADDR));
        return compare(0, CMP_EQUAL, hostOrder(RTN_LOCAL));
    }

    /// Goes on for packets of known connections.
    public NftRule establishedOrRelated() {
        return conntrackBits(CT_STATE, CT_ESTABLISHED_OR_RELATED);
    }

    /// Goes on if the connection's destination was translated.
    public NftRule destinationTranslated() {
        return conntrackBits(CT_STATUS, IPS_DST_NAT);
    }

    /// Goes on if the key that starts at `register` is in the set.
    public NftRule in(String set, int register) {
        return lookup(set, register, batch -> {});
    }

    /// Goes on if the key that starts at `register` is not in the set.
    public NftRule notIn(String set, int register) {
        return lookup(set, register, batch -> batch.attributeU32BigEndian(5, 1));
    }

    /// Goes on if the map has the key, with its value in the registers from `into`.
    public NftRule valueOf(String map, int register, int into) {
        return lookup(map, register, batch -> batch.attributeU32BigEndian(3, NFT_REG32_00 + into));
    }

    /// Ends with the verdict that the map has for the key; goes on where it has none.
    public NftRule verdictOf(String map, int register) {
        return lookup(map, register, batch -> batch.attributeU32BigEndian(3, NFT_REG_VERDICT));
    }

    // Statements

    public NftRule counter() {
        return add("counter", batch -> {});
    }

    public NftRule verdict(NftVerdict verdict) {
        return add(
                "immediate",
                batch ->
                        batch.attributeU32BigEndian(1, NFT_REG_VERDICT)
                                .nested(2, () -> verdict.write(batch)));
    }

    /// Translates the destination to the IPv4 address and port in these two registers.
    public NftRule destinationNat4(int addressRegister, int portRegister) {
        return nat(1, addressRegister, portRegister);
    }

    /// Translates the source to the IPv4 address and port in these two registers.
    public NftRule sourceNat4(int addressRegister, int portRegister) {
        return nat(0, addressRegister, portRegister);
    }

    /// Translates the source to the address of the interface that the packet leaves by.
    public NftRule masquerade() {
        return add("masq", batch -> {});
    }

    /// Sends the packet to this host's own port, whatever its destination.
    public NftRule redirect(int port) {
        immediate(0, new byte[] {(byte) (port >>> 8), (byte) port});
        return add("redir", batch -> batch.attributeU32BigEndian(1, NFT_REG32_00));
    }

    /// The sixteen bytes of an interface's name in keys.
    public static byte[] interfaceName(String name) {
        byte[] text = ascii(name);
        if (text.length >= IFNAMSIZ) {
            throw new IllegalArgumentException("interface name too long: " + name);
        }
        return Arrays.copyOf(text, IFNAMSIZ);
    }

    void write(NetlinkBatch batch) {
        expressions.forEach(expression -> expression.accept(batch));
    }

    private NftRule within(byte[] network, int prefixLength) {
        byte[] mask = new byte[network.length];
        for (int bit = 0; bit < prefixLength; bit++) {
            mask[bit / 8] |= (byte) (0x80 >>> (bit % 8));
        }
        bitwise(0, mask);
        return compare(0, CMP_EQUAL, network);
    }

    private NftRule conntrackBits(int key, int bits) {
        add(
                "ct",
                batch ->
                        batch.attributeU32BigEndian(1, NFT_REG32_00).attributeU32BigEndian(2, key));
        bitwise(0, hostOrder(bits));
        return compare(0, CMP_UNEQUAL, new byte[4]);
    }

    private NftRule meta(int key, int register) {
        return add(
                "meta",
                batch ->
                        batch.attributeU32BigEndian(2, key)
                                .attributeU32BigEndian(1, NFT_REG32_00 + register));
    }

    private NftRule payload(int base, int offset, int length, int register) {
        return add(
                "payload",
                batch ->
                        batch.attributeU32BigEndian(1, NFT_REG32_00 + register)
                                .attributeU32BigEndian(2, base)
                                .attributeU32BigEndian(3, offset)
                                .attributeU32BigEndian(4, length));
    }

    private NftRule compare(int register, int operation, byte[] value) {
        return add(
                "cmp",
                batch ->
                        batch.attributeU32BigEndian(1, NFT_REG32_00 + register)
                                .attributeU32BigEndian(2, operation)
                                .nested(3, () -> batch.attribute(NFTA_DATA_VALUE, value)));
    }

    private void bitwise(int register, byte[] mask) {
        add(
                "bitwise",
                batch ->
                        batch.attributeU32BigEndian(1, NFT_REG32_00 + register)
                                .attributeU32BigEndian(2, NFT_REG32_00 + register)
                                .attributeU32BigEndian(3, mask.length)
                                .nested(4, () -> batch.attribute(NFTA_DATA_VALUE, mask))
                                .nested(
                                        5,
                                        () ->
                                                batch.attribute(
                                                        NFTA_DATA_VALUE, new byte[mask.length])));
    }

    private void immediate(int register, byte[] value) {
        add(
                "immediate",
                batch ->
                        batch.attributeU32BigEndian(1, NFT_REG32_00 + register)
                                .nested(2, () -> batch.attribute(NFTA_DATA_VALUE, value)));
    }

    private NftRule lookup(String set, int register, Consumer<NetlinkBatch> more) {
        return add(
                "lookup",
                batch -> {
                    batch.attribute(1, set).attributeU32BigEndian(2, NFT_REG32_00 + register);
                    more.accept(batch);
                });
    }

    private NftRule nat(int type, int addressRegister, int portRegister) {
        return add(
                "nat",
                batch ->
                        batch.attributeU32BigEndian(1, type)
                                .attributeU32BigEndian(2, NFPROTO_IPV4)
                                .attributeU32BigEndian(3, NFT_REG32_00 + addressRegister)
                                .attributeU32BigEndian(5, NFT_REG32_00 + portRegister));
    }

    private NftRule add(String name, Consumer<NetlinkBatch> attributes) {
        expressions.add(batch ->
                batch.nested(
                        NFTA_LIST_ELEM,
                        () ->
                                batch.attribute(NFTA_EXPR_NAME, name)
                                        .nested(NFTA_EXPR_DATA, () -> attributes.accept(batch))));
        return this;
    }

    private static byte[] hostOrder(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
