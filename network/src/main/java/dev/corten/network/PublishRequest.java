package dev.corten.network;

import dev.corten.model.NotImplemented;
import dev.corten.model.container.PortBinding;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// One port that a container asks to be published.
///
/// @param hostIp where on the host; `0.0.0.0` for all its addresses
public record PublishRequest(
        InetAddress hostIp, PortRange hostPorts, int containerPort, Protocol protocol) {
    /// Checks and sorts the `PortBindings` of a container: keys are `80/tcp`, and a key without
    /// bindings asks for nothing.
    ///
    /// The order is by protocol and container port, then as given, because numbers chosen by the
    /// engine are handed out in this order.
    ///
    /// @throws dev.corten.model.InvalidParameter for a malformed port or address
    /// @throws NotImplemented for sctp and for IPv6 addresses of the host
    public static List<PublishRequest> parse(Map<String, List<PortBinding>> bindings) {
        var requests = new ArrayList<PublishRequest>();
        bindings.forEach((key, places) -> {
            ContainerPort port = ContainerPort.parse(key);
            for (PortBinding place : places) {
                requests.add(
                        new PublishRequest(
                                hostIp(place.hostIp()),
                                PortRange.parse(place.hostPort()),
                                port.number(),
                                port.protocol()));
            }
        });
        requests.sort(
                Comparator.comparing(PublishRequest::protocol)
                        .thenComparingInt(PublishRequest::containerPort));
        return List.copyOf(requests);
    }

    private static InetAddress hostIp(String text) {
        InetAddress address = text.isEmpty() ? Subnet.ANY : Subnet.parseAddress(text);
        if (!(address instanceof Inet4Address)) {
            throw new NotImplemented(
                    "publishing on the IPv6 address " + text + " is not supported yet");
        }
        return address;
    }
}
