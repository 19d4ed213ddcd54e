package dev.corten.network.port;

import dev.corten.model.container.PortBinding;
import dev.corten.network.address.Subnet;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One port that a container asks to be published.
///
/// @param hostIp where on the host; empty for where the daemon publishes by default
public record PublishRequest(
        Optional<InetAddress> hostIp, PortRange hostPorts, int containerPort, Protocol protocol) {
    /// Checks the `PortBindings` of a container: keys are `80/tcp`, and a key without bindings asks
    /// for nothing.
    ///
    /// @throws dev.corten.model.InvalidParameter for a malformed port or address
    /// @throws dev.corten.model.NotImplemented for sctp
    public static List<PublishRequest> parse(Map<String, List<PortBinding>> bindings) {
        var requests = new ArrayList<PublishRequest>();
        bindings.forEach((key, places) -> {
            ContainerPort port = ContainerPort.parse(key);
            for (PortBinding place : places) {
                requests.add(
                        new PublishRequest(
                                place.hostIp().isEmpty()
                                        ? Optional.empty()
                                        : Optional.of(Subnet.parseAddress(place.hostIp())),
                                PortRange.parse(place.hostPort()),
                                port.number(),
                                port.protocol()));
            }
        });
        return List.copyOf(requests);
    }
}
