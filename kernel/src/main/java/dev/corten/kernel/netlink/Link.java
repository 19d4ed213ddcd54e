package dev.corten.kernel.netlink;

import java.util.Optional;

/// A network interface as the kernel lists it.
///
/// @param index the interface's number in its namespace
/// @param kind what made it: `bridge`, `veth`…; empty for hardware and for `lo`
/// @param master the index of the bridge that it is a port of, or 0
/// @param mac empty for interfaces without an Ethernet address
public record Link(
        int index,
        String name,
        String kind,
        boolean up,
        int mtu,
        int master,
        Optional<MacAddress> mac,
        String alias) {
    /// `IFF_UP` of linux/if.h.
    static final int UP = 0x1;

    static Link parse(NetlinkAnswer answer) {
        NetlinkAttributes attributes = answer.attributes(Rtnetlink.IFINFO_SIZE);
        return new Link(
                answer.u32(4),
                attributes.text(Rtnetlink.IFLA_IFNAME),
                attributes.nested(Rtnetlink.IFLA_LINKINFO).text(Rtnetlink.IFLA_INFO_KIND),
                (answer.u32(8) & UP) != 0,
                attributes.u32(Rtnetlink.IFLA_MTU, 0),
                attributes.u32(Rtnetlink.IFLA_MASTER, 0),
                attributes
                        .bytes(Rtnetlink.IFLA_ADDRESS)
                        .filter(bytes -> bytes.length == 6)
                        .map(MacAddress::of),
                attributes.text(Rtnetlink.IFLA_IFALIAS));
    }
}
