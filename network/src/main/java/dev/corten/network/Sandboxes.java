package dev.corten.network;

import dev.corten.kernel.Errno;
import dev.corten.kernel.netlink.Link;
import dev.corten.kernel.netlink.MacAddress;
import dev.corten.kernel.netlink.NetworkNamespace;
import dev.corten.kernel.netlink.Rtnetlink;
import dev.corten.kernel.netlink.RtnetlinkBatch;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
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

    private static final int NAME_BYTES = 6;

    private final Path directory;
    private final int mtu;
    private final SecureRandom random = new SecureRandom();

    Sandboxes(Path directory, int mtu) {
        this.directory = directory;
        this.mtu = mtu;
    }

    /// A namespace with `eth0` (up, without address) and a way to configure it from outside.
    record Wired(Netns netns, Rtnetlink inside, int eth0, String hostLink) {}

    /// A named namespace with `lo` only.
    Netns create() throws IOException {
        return create(Optional.empty());
    }

    /// A namespace wired to the bridge with this index.
    Wired createWired(Rtnetlink host, int bridge) throws IOException {
        var inside = new Rtnetlink[1];
        Netns netns = create(Optional.of(inside));
        Rtnetlink rtnetlink = inside[0];
        try {
            String hostLink = "veth" + hex(4).substring(1);
            var outer = new RtnetlinkBatch();
            outer.createVeth(
                    hostLink,
                    bridge,
                    mtu,
                    "eth0",
                    MacAddress.random(random),
                    Optional.of(netns.fd().number()));
            outer.hairpin(hostLink, true);
            host.execute(outer);
            // Up already now: the bridge notices its new port's carrier in the background.
            rtnetlink.execute(new RtnetlinkBatch().up("eth0"));
            Link eth0 =
                    rtnetlink
                            .findLink("eth0")
                            .orElseThrow(() -> new IOException("eth0 has gone in " + netns));
            return new Wired(netns, rtnetlink, eth0.index(), hostLink);
        } catch (IOException | RuntimeException e) {
            rtnetlink.close();
            remove(netns);
            throw e;
        }
    }

    /// @param inside where the namespace's own netlink socket is wanted, a place for it
    private Netns create(Optional<Rtnetlink[]> inside) throws IOException {
        NetworkNamespace namespace =
                NetworkNamespace.create(_ -> {
                    writeSysctls();
                    Rtnetlink rtnetlink = Rtnetlink.open();
                    try {
                        rtnetlink.execute(new RtnetlinkBatch().up("lo"));
                    } catch (IOException e) {
                        rtnetlink.close();
                        throw e;
                    }
                    inside.ifPresentOrElse(place -> place[0] = rtnetlink, rtnetlink::close);
                });
        try {
            return name(namespace);
        } catch (IOException | RuntimeException e) {
            namespace.close();
            inside.ifPresent(place -> place[0].close());
            throw e;
        }
    }

    /// /proc/sys/net shows the namespace of the thread that opens the file.
    private static void writeSysctls() throws IOException {
        for (Map.Entry<String, String> sysctl : SYSCTLS.entrySet()) {
            new Sysctl(sysctl.getKey()).write(sysctl.getValue());
        }
        if (NO_IPV6.exists()) {
            NO_IPV6.write("1");
        }
    }

    private Netns name(NetworkNamespace namespace) throws IOException {
        while (true) {
            String name = hex(NAME_BYTES);
            Path file = directory.resolve(name);
            try {
                Files.createFile(file);
            } catch (FileAlreadyExistsException e) {
                continue;
            }
            try {
                namespace.bind(file.toString());
                return new Netns(name, file, namespace);
            } catch (IOException e) {
                Files.deleteIfExists(file);
                throw e;
            }
        }
    }

    /// The namespace with this name, made before.
    Netns reopen(String name) throws IOException {
        Path file = directory.resolve(name);
        return new Netns(name, file, NetworkNamespace.open(file.toString()));
    }

    /// Takes the name away and closes the namespace; it ends when no process is left in it.
    void remove(Netns netns) throws IOException {
        netns.namespace().close();
        remove(netns.path());
    }

    private static void remove(Path file) throws IOException {
        try {
            NetworkNamespace.unbind(file.toString());
        } catch (Errno e) {
            // Not mounted: the daemon was killed before it could be.
            if (!e.isAny(Errno.EINVAL, Errno.ENOENT)) {
                throw e;
            }
        }
        Files.deleteIfExists(file);
    }

    /// Removes all names but these.
    void removeOthers(Collection<String> keep) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (!keep.contains(file.getFileName().toString())) {
                    remove(file);
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
