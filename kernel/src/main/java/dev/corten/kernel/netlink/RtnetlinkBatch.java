package dev.corten.kernel.netlink;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;

/// Changes to links, addresses, routes and neighbours that go to the kernel in one `send`.
///
/// They are carried out in order by [Rtnetlink#execute]; they are no transaction: what comes
/// before a failing one stays. Links are named by name wherever the kernel allows it, so that a
/// batch can go on with what it has just created.
public final class RtnetlinkBatch {
    private static final int RTM_NEWLINK = 16;
    private static final int RTM_DELLINK = 17;
    private static final int RTM_SETLINK = 19;
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_DELROUTE = 25;
    private static final int RTM_NEWNEIGH = 28;
    private static final int RTM_DELNEIGH = 29;

    private static final int CREATE_NEW = NetlinkBatch.CREATE | NetlinkBatch.EXCLUSIVE;

    private static final int IFLA_INFO_DATA = 2;
    private static final int IFLA_INFO_SLAVE_KIND = 4;
    private static final int IFLA_INFO_SLAVE_DATA = 5;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_BRPORT_MODE = 4;
    private static final int IFLA_BRPORT_ISOLATED = 33;
    private static final int VETH_INFO_PEER = 1;

    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_BROADCAST = 4;

    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTPROT_BOOT = 3;
    private static final int RT_SCOPE_UNIVERSE = 0;
    private static final int RT_SCOPE_LINK = 253;
    private static final int RTN_UNICAST = 1;

    private static final int NDA_DST = 1;
    private static final int NDA_LLADDR = 2;
    private static final int NUD_PERMANENT = 0x80;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    private final NetlinkBatch batch = new NetlinkBatch();

    NetlinkBatch encoded() {
        return batch;
    }

    public boolean isEmpty() {
        return batch.isEmpty();
    }

    /// A new bridge, down, with this Ethernet address. (Without one given, a bridge changes its
    /// address with its ports.)
    public RtnetlinkBatch createBridge(String name, MacAddress mac, int mtu) {
        link(RTM_NEWLINK, CREATE_NEW, "create bridge " + name, 0, 0, 0);
        batch.attribute(Rtnetlink.IFLA_IFNAME, name)
                .attribute(Rtnetlink.IFLA_ADDRESS, mac.bytes())
                .attributeU32(Rtnetlink.IFLA_MTU, mtu)
                .nested(
                        Rtnetlink.IFLA_LINKINFO,
                        () -> batch.attribute(Rtnetlink.IFLA_INFO_KIND, "bridge"));
        return this;
    }

    /// A new veth pair: `name` here, already up and a port of `master` (0 for none), its peer in
    /// the network namespace that `peerNamespace` refers to (empty: here), down.
    ///
    /// The peer stays down because the kernel configures it before the pair is joined, and upping
    /// it then fails with ENOTCONN.
    public RtnetlinkBatch createVeth(
            String name,
            int master,
            int mtu,
            String peerName,
            MacAddress peerMac,
            Optional<Integer> peerNamespace) {
        link(RTM_NEWLINK, CREATE_NEW, "create veth " + name, 0, Link.UP, Link.UP);
        batch.attribute(Rtnetlink.IFLA_IFNAME, name).attributeU32(Rtnetlink.IFLA_MTU, mtu);
        if (master != 0) {
            batch.attributeU32(Rtnetlink.IFLA_MASTER, master);
        }
        batch.nested(
                Rtnetlink.IFLA_LINKINFO,
                () ->
                        batch.attribute(Rtnetlink.IFLA_INFO_KIND, "veth")
                                .nested(
                                        IFLA_INFO_DATA,
                                        () ->
                                                batch.nested(
                                                        VETH_INFO_PEER,
                                                        () ->
                                                                vethPeer(
                                                                        peerName,
                                                                        peerMac,
                                                                        mtu,
                                                                        peerNamespace))));
        return this;
    }

    private void vethPeer(String name, MacAddress mac, int mtu, Optional<Integer> namespace) {
        linkHeader(0, 0, 0);
        batch.attribute(Rtnetlink.IFLA_IFNAME, name)
                .attribute(Rtnetlink.IFLA_ADDRESS, mac.bytes())
                .attributeU32(Rtnetlink.IFLA_MTU, mtu);
        namespace.ifPresent(fd -> batch.attributeU32(IFLA_NET_NS_FD, fd));
    }

    /// Deletes a link; the other end of a veth pair goes with it. Takes about 20 ms.
    public RtnetlinkBatch delete(String name) {
        link(RTM_DELLINK, 0, "delete link " + name, 0, 0, 0);
        batch.attribute(Rtnetlink.IFLA_IFNAME, name);
        return this;
    }

    public RtnetlinkBatch up(String name) {
        link(RTM_NEWLINK, 0, "set link " + name + " up", 0, Link.UP, Link.UP);
        batch.attribute(Rtnetlink.IFLA_IFNAME, name);
        return this;
    }

    public RtnetlinkBatch down(String name) {
        link(RTM_NEWLINK, 0, "set link " + name + " down", 0, 0, Link.UP);
        batch.attribute(Rtnetlink.IFLA_IFNAME, name);
        return this;
    }

    /// Renames the link with this index, which must be down on kernels before 6.3.
    public RtnetlinkBatch rename(int index, String name) {
        link(RTM_SETLINK, 0, "rename link " + index + " to " + name, index, 0, 0);
        batch.attribute(Rtnetlink.IFLA_IFNAME, name);
        return this;
    }

    /// Makes the link a port of the bridge `master`; 0 takes it out of its bridge.
    public RtnetlinkBatch master(String name, int master) {
        link(RTM_NEWLINK, 0, "set master of link " + name, 0, 0, 0);
        batch.attribute(Rtnetlink.IFLA_IFNAME, name).attributeU32(Rtnetlink.IFLA_MASTER, master);
        return this;
    }

    public RtnetlinkBatch mtu(String name, int mtu) {
        link(RTM_NEWLINK, 0, "set mtu of link " + name + " to " + mtu, 0, 0, 0);
        batch.attribute(Rtnetlink.IFLA_IFNAME, name).attributeU32(Rtnetlink.IFLA_MTU, mtu);
        return this;
    }

    public RtnetlinkBatch mac(String name, MacAddress mac) {
        link(RTM_NEWLINK, 0, "set address of link " + name + " to " + mac, 0, 0, 0);
        batch.attribute(Rtnetlink.IFLA_IFNAME, name).attribute(Rtnetlink.IFLA_ADDRESS, mac.bytes());
        return this;
    }

    /// Moves the link into the network namespace that this open descriptor refers to.
    public RtnetlinkBatch moveTo(String name, int namespace) {
        link(RTM_NEWLINK, 0, "move link " + name, 0, 0, 0);
        batch.attribute(Rtnetlink.IFLA_IFNAME, name).attributeU32(IFLA_NET_NS_FD, namespace);
        return this;
    }

    /// Lets the bridge send a frame back through the port that it came from.
    public RtnetlinkBatch hairpin(String name, boolean on) {
        return bridgePort(name, "hairpin mode", IFLA_BRPORT_MODE, on);
    }

    /// Keeps the bridge from carrying frames between this port and others that are isolated.
    public RtnetlinkBatch isolated(String name, boolean on) {
        return bridgePort(name, "isolation", IFLA_BRPORT_ISOLATED, on);
    }

    private RtnetlinkBatch bridgePort(String name, String what, int attribute, boolean on) {
        link(RTM_NEWLINK, 0, "set " + what + " of link " + name, 0, 0, 0);
        batch.attribute(Rtnetlink.IFLA_IFNAME, name)
                .nested(
                        Rtnetlink.IFLA_LINKINFO,
                        () ->
                                batch.attribute(IFLA_INFO_SLAVE_KIND, "bridge")
                                        .nested(
                                                IFLA_INFO_SLAVE_DATA,
                                                () -> batch.attributeU8(attribute, on ? 1 : 0)));
        return this;
    }

    /// Adds an address; the kernel adds the route to its subnet when the link is up.
    public RtnetlinkBatch addAddress(InterfaceAddress address) {
        return address(RTM_NEWADDR, CREATE_NEW, "add address ", address);
    }

    public RtnetlinkBatch removeAddress(InterfaceAddress address) {
        return address(RTM_DELADDR, 0, "remove address ", address);
    }

    private RtnetlinkBatch address(int type, int flags, String verb, InterfaceAddress address) {
        InetAddress ip = address.address();
        batch.begin(
                type,
                flags,
                verb
                        + ip.getHostAddress()
                        + "/"
                        + address.prefixLength()
                        + " on link "
                        + address.link());
        batch.u8(family(ip)).u8(address.prefixLength()).u8(0).u8(RT_SCOPE_UNIVERSE);
        batch.u32(address.link());
        batch.attribute(IFA_LOCAL, ip.getAddress()).attribute(IFA_ADDRESS, ip.getAddress());
        if (ip instanceof Inet4Address && address.prefixLength() < 31) {
            batch.attribute(IFA_BROADCAST, broadcast(ip.getAddress(), address.prefixLength()));
        }
        return this;
    }

    private static byte[] broadcast(byte[] address, int prefixLength) {
        byte[] result = address.clone();
        for (int bit = prefixLength; bit < 32; bit++) {
            result[bit / 8] |= (byte) (0x80 >>> (bit % 8));
        }
        return result;
    }

    public RtnetlinkBatch addRoute(Route route) {
        return route(RTM_NEWROUTE, CREATE_NEW, "add route ", route);
    }

    public RtnetlinkBatch removeRoute(Route route) {
        return route(RTM_DELROUTE, 0, "remove route ", route);
    }

    private RtnetlinkBatch route(int type, int flags, String verb, Route route) {
        InetAddress familyOf =
                route.destination()
                        .or(route::gateway)
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "a route has a destination or a gateway"));
        String text =
                route.destination()
                        .map(ip -> ip.getHostAddress() + "/" + route.prefixLength())
                        .orElse("default");
        batch.begin(type, flags, verb + text);
        batch.u8(family(familyOf)).u8(route.prefixLength()).u8(0).u8(0);
        batch.u8(RT_TABLE_MAIN).u8(RTPROT_BOOT);
        batch.u8(route.gateway().isPresent() ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK);
        batch.u8(RTN_UNICAST).u32(0);
        route.destination().ifPresent(ip -> batch.attribute(RTA_DST, ip.getAddress()));
        route.gateway().ifPresent(ip -> batch.attribute(RTA_GATEWAY, ip.getAddress()));
        if (route.link() != 0) {
            batch.attributeU32(RTA_OIF, route.link());
        }
        return this;
    }

    /// Adds or replaces a permanent neighbour entry.
    public RtnetlinkBatch addNeighbour(int link, InetAddress address, MacAddress mac) {
        batch.begin(
                RTM_NEWNEIGH,
                NetlinkBatch.CREATE | NetlinkBatch.REPLACE,
                "add neighbour " + address.getHostAddress());
        neighbourHeader(link, address, NUD_PERMANENT);
        batch.attribute(NDA_DST, address.getAddress()).attribute(NDA_LLADDR, mac.bytes());
        return this;
    }

    public RtnetlinkBatch removeNeighbour(int link, InetAddress address) {
        batch.begin(RTM_DELNEIGH, 0, "remove neighbour " + address.getHostAddress());
        neighbourHeader(link, address, 0);
        batch.attribute(NDA_DST, address.getAddress());
        return this;
    }

    private void neighbourHeader(int link, InetAddress address, int state) {
        batch.u8(family(address)).u8(0).u16(0).u32(link).u16(state).u8(0).u8(0);
    }

    private void link(int type, int flags, String what, int index, int linkFlags, int change) {
        batch.begin(type, flags, what);
        linkHeader(index, linkFlags, change);
    }

    private void linkHeader(int index, int flags, int change) {
        batch.u8(0).u8(0).u16(0).u32(index).u32(flags).u32(change);
    }

    static int family(InetAddress address) {
        return address instanceof Inet4Address ? AF_INET : AF_INET6;
    }
}
