package dev.corten.engine.sandbox;

import dev.corten.kernel.netlink.MacAddress;
import dev.corten.network.EndpointRecord;
import dev.corten.network.address.IpText;
import dev.corten.network.port.Protocol;
import dev.corten.network.port.PublishedPort;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/// A sandbox as `sandbox.json` in its owner's directory has it: enough to find it again after a
/// restart of the daemon.
///
/// @param mode `bridge`, `none`, `host` or `container:<id>`; empty for a disabled network
/// @param netns the name of its own network namespace, `""` if it has none
/// @param endpoint its place on the default bridge
public record SandboxRecord(
        int format, String id, String mode, String netns, Optional<Place> endpoint) {
    static final int FORMAT = 1;

    /// An [EndpointRecord] in plain values.
    public record Place(
            String endpointId, String hostLink, String address, String mac, List<Port> ports) {}

    public record Port(String hostIp, int hostPort, int containerPort, String protocol) {}

    static Place place(EndpointRecord endpoint) {
        return new Place(
                endpoint.endpointId(),
                endpoint.hostLink(),
                endpoint.address().getHostAddress(),
                endpoint.mac().toString(),
                endpoint.ports().stream()
                        .map(port ->
                                new Port(
                                        IpText.of(port.hostIp()),
                                        port.hostPort(),
                                        port.containerPort(),
                                        port.protocol().toString()))
                        .toList());
    }

    EndpointRecord endpointRecord(Place place) throws IOException {
        var ports = new java.util.ArrayList<PublishedPort>();
        for (Port port : place.ports()) {
            ports.add(
                    new PublishedPort(
                            InetAddress.ofLiteral(port.hostIp()),
                            port.hostPort(),
                            port.containerPort(),
                            Protocol.parse(port.protocol())));
        }
        return new EndpointRecord(
                place.endpointId(),
                netns,
                place.hostLink(),
                InetAddress.ofLiteral(place.address()),
                MacAddress.parse(place.mac()),
                List.copyOf(ports));
    }
}
