package dev.corten.network;

import static java.lang.System.Logger.Level.WARNING;

import dev.corten.kernel.netlink.Rtnetlink;
import dev.corten.kernel.nft.Nftables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What an engine changes on the host before its first container: firewall, bridge, forwarding.
/// In this order, so that nothing is open that the firewall does not guard.
///
/// @param firewall empty where the daemon makes no rules
record HostSetup(DefaultBridge bridge, Optional<Firewall> firewall) {
    private static final System.Logger log = System.getLogger(HostSetup.class.getName());

    private static final Sysctl IP_FORWARD = new Sysctl("net/ipv4/ip_forward");
    private static final Sysctl BOOT_ID = new Sysctl("kernel/random/boot_id");

    /// Holds the boot in which this engine has turned forwarding on.
    private static final String FORWARDING_FILE = "forwarding";

    /// On the network thread.
    static HostSetup open(NetworkOptions options, Rtnetlink host, Nftables nftables)
            throws IOException {
        boolean forwards = IP_FORWARD.read().equals("1");
        boolean turnsOn = !forwards && options.forwarding() != NetworkOptions.Forwarding.LEFT_ALONE;
        var policy =
                new FirewallPolicy(
                        options.masquerade(),
                        options.bridge().containersMeet(),
                        options.directRouting(),
                        hasTurnedOn(options.files().resolve(FORWARDING_FILE), turnsOn)
                                && options.forwarding() != NetworkOptions.Forwarding.OPEN);
        String table = options.instance().table();
        Optional<Firewall> firewall = Optional.empty();
        if (options.firewall()) {
            var guarding = new Firewall(nftables, table, policy);
            guarding.open(DefaultBridge.name(options));
            firewall = Optional.of(guarding);
        }
        DefaultBridge bridge = DefaultBridge.open(options, host);
        var localnet = new Sysctl("net/ipv4/conf/" + bridge.name() + "/route_localnet");
        if (firewall.isPresent()) {
            localnet.write("1");
        } else {
            localnet.write("0");
            Firewall.delete(nftables, table); // of an earlier daemon
        }
        if (turnsOn) {
            IP_FORWARD.write("1");
        } else if (!forwards) {
            log.log(WARNING, "IPv4 forwarding is disabled: containers reach the host only");
        }
        return new HostSetup(bridge, firewall);
    }

    /// Whether forwarding is on because of this engine, in this boot.
    private static boolean hasTurnedOn(Path file, boolean turnsOn) throws IOException {
        String boot = BOOT_ID.read();
        if (turnsOn) {
            Files.writeString(file, boot);
        }
        return Files.exists(file) && Files.readString(file).equals(boot);
    }
}
