package dev.corten.engine.container.rules;

import dev.corten.engine.sandbox.Sandboxes;
import dev.corten.kernel.netlink.MacAddress;
import dev.corten.model.InvalidParameter;
import dev.corten.model.container.EndpointConfig;
import dev.corten.network.InterfaceOptions;
import dev.corten.network.address.Subnet;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Checks how a container asks to be connected to one network. All that is wrong is told at once,
/// in Docker's words and order.
final class EndpointRules {
    /// The default bridge's, where the daemon's options name it.
    private final Optional<Subnet> subnet;

    EndpointRules(Optional<Subnet> subnet) {
        this.subnet = subnet;
    }

    /// @throws InvalidParameter with all that is wrong
    void check(String network, EndpointConfig endpoint) {
        if (!endpoint.macAddress().isEmpty() && !isMac(endpoint.macAddress())) {
            throw invalid(network, "invalid MAC address " + endpoint.macAddress());
        }
        var wrong = new ArrayList<String>();
        String four = address(endpoint.ipamConfig(), "IPv4Address");
        String six = address(endpoint.ipamConfig(), "IPv6Address");
        boolean predefined = Sandboxes.isPredefined(network);
        if (predefined && !(four.isEmpty() && six.isEmpty())) {
            wrong.add("user specified IP address is supported on user defined networks only");
        }
        if (predefined && endpoint.aliases() != null && !endpoint.aliases().isEmpty()) {
            wrong.add(
                    "network-scoped alias is supported only for containers in user defined"
                            + " networks");
        }
        if (!four.isEmpty() && !(parse(four).orElse(null) instanceof Inet4Address)) {
            wrong.add("invalid IPv4 address: " + four);
        }
        if (!six.isEmpty()
                && (parse(six).isEmpty() || parse(six).orElse(null) instanceof Inet4Address)) {
            wrong.add("invalid IPv6 address: " + six);
        }
        for (String linkLocal : linkLocals(endpoint.ipamConfig())) {
            if (parse(linkLocal).isEmpty()) {
                wrong.add("invalid link-local IP address: " + linkLocal);
            }
        }
        if (predefined) {
            boolean bridge = network.equals(Sandboxes.BRIDGE);
            outside(four, bridge ? subnet : Optional.empty()).ifPresent(wrong::add);
            outside(six, Optional.empty()).ifPresent(wrong::add);
        }
        try {
            InterfaceOptions.parse(
                    endpoint.driverOpts() == null ? Map.of() : endpoint.driverOpts());
        } catch (InvalidParameter e) {
            wrong.add(e.message());
        }
        if (!wrong.isEmpty()) {
            throw invalid(network, "invalid endpoint settings:\n" + list(wrong));
        }
    }

    private static InvalidParameter invalid(String network, String what) {
        return new InvalidParameter("invalid config for network " + network + ": " + what);
    }

    private static boolean isMac(String text) {
        try {
            MacAddress.parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String address(@Nullable Map<String, Object> ipam, String key) {
        return ipam != null && ipam.get(key) instanceof String text ? text : "";
    }

    private static List<String> linkLocals(@Nullable Map<String, Object> ipam) {
        return ipam != null && ipam.get("LinkLocalIPs") instanceof List<?> given
                ? given.stream().map(Object::toString).toList()
                : List.of();
    }

    private static Optional<InetAddress> parse(String text) {
        try {
            return Optional.of(Subnet.parseAddress(text));
        } catch (InvalidParameter e) {
            return Optional.empty();
        }
    }

    private static Optional<String> outside(String address, Optional<Subnet> subnet) {
        if (address.isEmpty()) {
            return Optional.empty();
        }
        if (subnet.isEmpty()) {
            return Optional.of(
                    "user specified IP address is supported only when connecting to networks with"
                            + " user configured subnets");
        }
        return parse(address).filter(subnet.get()::contains).isPresent()
                ? Optional.empty()
                : Optional.of("no configured subnet or ip-range contain the IP address " + address);
    }

    /// Several errors as Go's `multierror` of Docker prints them.
    private static String list(List<String> errors) {
        return errors.size() == 1 ? errors.getFirst() : "* " + String.join("\n* ", errors);
    }
}
