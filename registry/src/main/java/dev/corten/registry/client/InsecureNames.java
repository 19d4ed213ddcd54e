package dev.corten.registry.client;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Which registries need not be secured: those that the settings name, and whatever is on this host.
final class InsecureNames {
    private static final List<String> THIS_HOST = List.of("127.0.0.0/8", "::1/128");

    private InsecureNames() {}

    /// @param authority `host[:port]`
    static boolean contain(RegistrySettings settings, String authority) {
        List<String> names =
                settings.insecure().stream().map(n -> n.replaceFirst("^https?://", "")).toList();
        if (names.contains(authority)) {
            return true;
        }
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(host(authority));
        } catch (UnknownHostException e) {
            // As Docker: a name without an address is in no network, and the request will say more.
            return false;
        }
        for (InetAddress address : addresses) {
            for (String network : THIS_HOST) {
                if (inNetwork(address, network)) {
                    return true;
                }
            }
            for (String network : names) {
                if (network.contains("/") && inNetwork(address, network)) {
                    return true;
                }
            }
        }
        return false;
    }

    static String host(String authority) {
        if (authority.startsWith("[")) {
            return authority.substring(1, authority.indexOf(']'));
        }
        int colon = authority.lastIndexOf(':');
        return colon < 0 ? authority : authority.substring(0, colon);
    }

    /// @param network in CIDR notation; one that cannot be read contains nothing
    static boolean inNetwork(InetAddress address, String network) {
        int slash = network.indexOf('/');
        byte[] base;
        int bits;
        try {
            base = InetAddress.ofLiteral(network.substring(0, slash)).getAddress();
            bits = Integer.parseInt(network.substring(slash + 1));
        } catch (IllegalArgumentException e) {
            return false;
        }
        byte[] own = address.getAddress();
        if (own.length != base.length || bits < 0 || bits > 8 * base.length) {
            return false;
        }
        for (int i = 0; i < bits; i++) {
            int mask = 0x80 >> (i % 8);
            if ((own[i / 8] & mask) != (base[i / 8] & mask)) {
                return false;
            }
        }
        return true;
    }
}
