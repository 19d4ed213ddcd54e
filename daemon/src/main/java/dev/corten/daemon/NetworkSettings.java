package dev.corten.daemon;

import dev.corten.daemon.settings.AddressPool;
import dev.corten.daemon.settings.Options;
import dev.corten.daemon.settings.Settings;
import dev.corten.model.InvalidParameter;
import dev.corten.network.NetworkOptions;
import dev.corten.network.address.Subnet;
import dev.corten.network.address.SubnetPool;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What the settings say about networks, in the network module's words.
final class NetworkSettings {
    private NetworkSettings() {}

    static NetworkOptions of(Settings settings, Path data, Path exec) {
        NetworkOptions.Editor network = NetworkOptions.of(data, exec);
        network.existingBridge =
                Optional.of(settings.get(Options.BRIDGE)).filter(name -> !name.isEmpty());
        network.bridgeAddress = subnet("bip", settings.get(Options.BIP));
        network.bridgeRange = subnet("fixed-cidr", settings.get(Options.FIXED_CIDR));
        network.bridgeGateway = address(settings.get(Options.GATEWAY));
        network.mtu = settings.get(Options.MTU).intValue();
        network.containersMeet = settings.get(Options.ICC);
        List<AddressPool> pools = settings.get(Options.ADDRESS_POOLS);
        if (!pools.isEmpty()) {
            network.pools = pools.stream().map(NetworkSettings::pool).toList();
        }
        network.firewall = settings.get(Options.IPTABLES);
        network.masquerade = settings.get(Options.IP_MASQ);
        network.forwarding = forwarding(settings);
        network.directRouting = settings.get(Options.DIRECT_ROUTING);
        network.relays = settings.get(Options.USERLAND_PROXY);
        network.bindAddress = InetAddress.ofLiteral(settings.get(Options.IP));
        network.dns =
                new NetworkOptions.DnsDefaults(
                        settings.get(Options.DNS),
                        settings.get(Options.DNS_SEARCH),
                        settings.get(Options.DNS_OPTS));
        network.hostGateways =
                settings.get(Options.HOST_GATEWAY_IPS).stream()
                        .map(InetAddress::ofLiteral)
                        .toList();
        return network.done();
    }

    private static NetworkOptions.Forwarding forwarding(Settings settings) {
        if (!settings.get(Options.IP_FORWARD)) {
            return NetworkOptions.Forwarding.LEFT_ALONE;
        }
        return settings.get(Options.IP_FORWARD_NO_DROP)
                ? NetworkOptions.Forwarding.OPEN
                : NetworkOptions.Forwarding.GUARDED;
    }

    private static Optional<InetAddress> address(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(InetAddress.ofLiteral(text));
    }

    private static SubnetPool pool(AddressPool pool) {
        return new SubnetPool(Subnet.parse(pool.base()), pool.size());
    }

    private static Optional<Subnet> subnet(String option, String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Subnet.parse(text));
        } catch (InvalidParameter e) {
            throw new InvalidParameter(
                    "failed to start daemon: Error initializing network controller: parse "
                            + option
                            + " failed: invalid CIDR address: "
                            + text,
                    e);
        }
    }
}
