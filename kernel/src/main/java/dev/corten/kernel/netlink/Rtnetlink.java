package dev.corten.kernel.netlink;

import dev.corten.kernel.Errno;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Links, addresses, routes and neighbours of one network namespace: the one of the thread that
/// called [#open].
public final class Rtnetlink implements AutoCloseable {
    static final int IFINFO_SIZE = 16;
    static final int IFLA_ADDRESS = 1;
    static final int IFLA_IFNAME = 3;
    static final int IFLA_MTU = 4;
    static final int IFLA_MASTER = 10;
    static final int IFLA_LINKINFO = 18;
    static final int IFLA_INFO_KIND = 1;
    static final int IFLA_IFALIAS = 20;
    private static final int IFLA_EXT_MASK = 29;
    private static final int RTEXT_FILTER_SKIP_STATS = 1 << 3;

    private static final int RTM_GETLINK = 18;
    private static final int RTM_GETADDR = 22;
    private static final int RTM_GETROUTE = 26;
    private static final int RTM_GETNEIGH = 30;

    private static final int IFADDR_SIZE = 8;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;

    private static final int RTMSG_SIZE = 12;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_TABLE = 15;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTN_UNICAST = 1;

    private static final int NDMSG_SIZE = 12;
    private static final int NDA_DST = 1;
    private static final int NDA_LLADDR = 2;
    private static final int NUD_PERMANENT = 0x80;

    private final NetlinkSocket socket;

    private Rtnetlink(NetlinkSocket socket) {
        this.socket = socket;
    }

    /// Opens a socket in the calling thread's network namespace.
    public static Rtnetlink open() throws IOException {
        return new Rtnetlink(NetlinkSocket.open(NetlinkSocket.ROUTE));
    }

    /// Carries out changes in order, all in one exchange.
    ///
    /// @throws Errno for the first that was refused; the others were carried out
    public void execute(RtnetlinkBatch changes) throws IOException {
        socket.execute(changes.encoded());
    }

    /// The link with this name.
    public Optional<Link> findLink(String name) throws IOException {
        var request = linkRequest(0, "find link " + name);
        request.attribute(IFLA_IFNAME, name);
        try {
            return Optional.of(Link.parse(socket.request(request).getFirst()));
        } catch (Errno e) {
            if (e.is(Errno.ENODEV)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// All links of the namespace.
    public List<Link> links() throws IOException {
        return socket.request(linkRequest(NetlinkBatch.DUMP, "list links")).stream()
                .map(Link::parse)
                .toList();
    }

    private static NetlinkBatch linkRequest(int flags, String description) {
        var request = new NetlinkBatch().begin(RTM_GETLINK, flags, description);
        request.u8(0).u8(0).u16(0).u32(0).u32(0).u32(0);
        return request.attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    }

    /// All addresses of the namespace, of both families.
    public List<InterfaceAddress> addresses() throws IOException {
        var request = new NetlinkBatch().begin(RTM_GETADDR, NetlinkBatch.DUMP, "list addresses");
        request.u8(0).u8(0).u8(0).u8(0).u32(0);
        var result = new ArrayList<InterfaceAddress>();
        for (NetlinkAnswer answer : socket.request(request)) {
            NetlinkAttributes attributes = answer.attributes(IFADDR_SIZE);
            // On a point-to-point link IFA_ADDRESS is the peer's.
            attributes
                    .bytes(IFA_LOCAL)
                    .or(() -> attributes.bytes(IFA_ADDRESS))
                    .ifPresent(bytes ->
                            result.add(
                                    new InterfaceAddress(answer.u32(4), ip(bytes), answer.u8(1))));
        }
        return result;
    }

    /// The unicast routes of the main table, of both families.
    public List<Route> routes() throws IOException {
        var request = new NetlinkBatch().begin(RTM_GETROUTE, NetlinkBatch.DUMP, "list routes");
        request.u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u32(0);
        var result = new ArrayList<Route>();
        for (NetlinkAnswer answer : socket.request(request)) {
            NetlinkAttributes attributes = answer.attributes(RTMSG_SIZE);
            int table = attributes.u32(RTA_TABLE, answer.u8(4));
            if (table == RT_TABLE_MAIN && answer.u8(7) == RTN_UNICAST) {
                result.add(
                        new Route(
                                attributes.bytes(RTA_DST).map(Rtnetlink::ip),
                                answer.u8(1),
                                attributes.bytes(RTA_GATEWAY).map(Rtnetlink::ip),
                                attributes.u32(RTA_OIF, 0)));
            }
        }
        return result;
    }

    /// The neighbour table, of both families.
    public List<Neighbour> neighbours() throws IOException {
        var request = new NetlinkBatch().begin(RTM_GETNEIGH, NetlinkBatch.DUMP, "list neighbours");
        request.u8(0).u8(0).u16(0).u32(0).u16(0).u8(0).u8(0);
        var result = new ArrayList<Neighbour>();
        for (NetlinkAnswer answer : socket.request(request)) {
            NetlinkAttributes attributes = answer.attributes(NDMSG_SIZE);
            attributes
                    .bytes(NDA_DST)
                    .ifPresent(bytes ->
                            result.add(
                                    new Neighbour(
                                            answer.u32(4),
                                            ip(bytes),
                                            attributes
                                                    .bytes(NDA_LLADDR)
                                                    .filter(mac -> mac.length == 6)
                                                    .map(MacAddress::of),
                                            (answer.u16(8) & NUD_PERMANENT) != 0)));
        }
        return result;
    }

    private static InetAddress ip(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
