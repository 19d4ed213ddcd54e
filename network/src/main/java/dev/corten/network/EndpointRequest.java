package dev.corten.network;

import dev.corten.kernel.netlink.MacAddress;
import dev.corten.network.port.PublishRequest;
import java.util.List;
import java.util.Optional;

/// A container's wish to be on the default bridge.
///
/// @param endpointId 64 hexadecimal digits, named in errors
/// @param containerName named in errors
/// @param mac empty for a random one
public record EndpointRequest(
        String endpointId,
        String containerName,
        Optional<MacAddress> mac,
        InterfaceOptions interfaceOptions,
        List<PublishRequest> ports) {}
