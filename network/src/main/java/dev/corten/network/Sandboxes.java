package dev.corten.network;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.FileSystemStatus;
import dev.corten.kernel.namespace.Namespaces;
import dev.corten.kernel.netlink.Link;
import dev.corten.kernel.netlink.MacAddress;
import dev.corten.kernel.netlink.Rtnetlink;
import dev.corten.kernel.netlink.RtnetlinkBatch;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/// Makes network namespaces: named, with `lo` up, and on request with an `eth0` whose other end is
/// a port of the bridge already.
///
/// Such a *wired* sandbox lacks only its address; making one takes some milliseconds, most of them
/// in the kernel's `unshare`, so that a few are kept ready. Thread-safe: it has no state but its
/// random numbers.
final class Sandboxes {
    /// As runc sets them for Docker: any user may bind low ports and use ping sockets.
    private static final Map<String, String> SYSCTLS =
            Map.of(
                    "net/ipv4/ip_unprivileged_port_start", "0",
                    "net/ipv4/ping_group_range", "0 2147483647",
                    // For interfaces made later: neighbours learn that an address has moved.
                    "net/ipv4/conf/default/arp_notify", "1");

    /// For interfaces made later; absent where the kernel has no IPv6.
    private static final Sysctl NO_IPV6 = new Sysctl("net/ipv6/conf/default/disable_ipv6");

    /// Whether bridged frames pass the firewall; absent where the kernel's module is not loaded.
    private static final Sysctl BRIDGE_NETFILTER = new Sysctl("net/bridge/bridge-nf-call-iptables");

    /// What a container's interface is called.
    static final String INTERFACE = "eth0";

    private static final int NAME_BYTES = 6;

    private final Path directory;
    private final int mtu;
    private final boolean separate;
    private final SecureRandom random = new SecureRandom();

    /// @param separate whether the bridge keeps its containers from each other
    Sandboxes(Path directory, int mtu, boolean separate) {
        this.directory = directory;
        this.mtu = mtu;
        this.separate = separate;
    }

    /// A namespace with `eth0` (up, without address) and a way to configure it from outside.
    record Wired(Netns netns, Rtnetlink inside, int eth0, String hostLink) {}

    /// A named namespace with `lo` only.
    Netns create() throws IOException {
        Fresh fresh = fresh();
        fresh.inside().close();
        return fresh.netns();
    }

    /// A namespace wired to the bridge with this index.
    Wired createWired(Rtnetlink host, int bridge) throws IOException {
        Fresh fresh = fresh();
        Netns netns = fresh.netns();
        Rtnetlink rtnetlink = fresh.inside();
        try {
            String hostLink = "veth" + hex(4).substring(1);
            var outer = new RtnetlinkBatch();
            outer.createVeth(
                    hostLink,
                    bridge,
                    mtu,
                    INTERFACE,
                    MacAddress.random(random),
                    Optional.of(netns.fd().number()));
            outer.hairpin(hostLink, true);
            if (separate) {
                outer.isolated(hostLink, isolates());
            }
            host.execute(outer);
            // Up already now: the bridge notices its new port's carrier in the background.
            rtnetlink.execute(new RtnetlinkBatch().up(INTERFACE));
            Link eth0 =
                    rtnetlink
                            .findLink(INTERFACE)
                            .orElseThrow(() -> new IOException("eth0 has gone in " + netns));
            return new Wired(netns, rtnetlink, eth0.index(), hostLink);
        } catch (IOException | RuntimeException e) {
            rtnetlink.close();
            remove(netns);
            throw e;
        }
    }

    /// Keeps the container behind this link from the others or lets it meet them, whatever an
    /// earlier daemon has done.
    void separate(Rtnetlink host, String hostLink) throws IOException {
        host.execute(new RtnetlinkBatch().isolated(hostLink, separate && isolates()));
    }

    /// Where bridged frames pass the firewall, its chain `forward` keeps containers apart, and what
    /// was translated there stays in the bridge: isolation would drop that too.
    private static boolean isolates() throws IOException {
        return !BRIDGE_NETFILTER.exists() || BRIDGE_NETFILTER.read().equals("0");
    }

    /// Names a fresh namespace after it was set up inside.
    private Fresh fresh() throws IOException {
        try (Fd namespace = Namespaces.newNetwork()) {
            Rtnetlink inside =
                    Namespaces.inNetwork(
                            namespace,
                            () -> {
                                writeSysctls();
                                return Rtnetlink.open();
                            });
            try {
                inside.execute(new RtnetlinkBatch().up("lo"));
                return new Fresh(name(namespace), inside);
            } catch (IOException | RuntimeException e) {
                inside.close();
                throw e;
            }
        }
    }

    private record Fresh(Netns netns, Rtnetlink inside) {}

    /// /proc/sys/net shows the namespace of the thread that opens the file.
    private static void writeSysctls() throws IOException {
        for (Map.Entry<String, String> sysctl : SYSCTLS.entrySet()) {
            new Sysctl(sysctl.getKey()).write(sysctl.getValue());
        }
        if (NO_IPV6.exists()) {
            NO_IPV6.write("1");
        }
    }

    private Netns name(Fd namespace) throws IOException {
        while (true) {
            String name = hex(NAME_BYTES);
            Path file = directory.resolve(name);
            try {
                Namespaces.pin(namespace, file.toString());
                return new Netns(name, file, namespace.transfer());
            } catch (Errno e) {
                if (!e.is(Errno.EEXIST)) {
                    throw e;
                }
            }
        }
    }

    /// The namespace with this name, made before.
    ///
    /// @throws Errno ENOENT if there is none, or only the file that it was mounted on
    Netns reopen(String name) throws IOException {
        Path file = directory.resolve(name);
        try (Fd fd = Namespaces.openPinned(file.toString())) {
            if (FileData.statfs(fd).type() != FileSystemStatus.NSFS) {
                throw new Errno(Errno.ENOENT, "open", "namespace " + file);
            }
            return new Netns(name, file, fd.transfer());
        }
    }

    /// Takes the name away and closes the namespace; it ends when no process is left in it.
    void remove(Netns netns) throws IOException {
        netns.fd().close();
        Namespaces.unpin(netns.path().toString());
    }

    /// Removes all names but these.
    void removeOthers(Collection<String> keep) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (!keep.contains(file.getFileName().toString())) {
                    Namespaces.unpin(file.toString());
                }
            }
        } catch (NoSuchFileException e) {
            Files.createDirectories(directory);
        }
    }

    private String hex(int bytes) {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        return HexFormat.of().formatHex(content);
    }
}
