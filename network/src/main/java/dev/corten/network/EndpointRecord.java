package dev.corten.network;

import dev.corten.kernel.netlink.MacAddress;
import dev.corten.network.port.PublishedPort;
import java.net.InetAddress;
import java.util.List;

/// What the engine writes down about an endpoint, enough to find it again after a restart.
///
/// @param netns the name of its network namespace, twelve hexadecimal digits
/// @param hostLink the name of the veth on the bridge
public record EndpointRecord(
        String endpointId,
        String netns,
        String hostLink,
        InetAddress address,
        MacAddress mac,
        List<PublishedPort> ports) {}
