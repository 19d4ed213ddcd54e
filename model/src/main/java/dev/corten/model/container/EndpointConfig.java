package dev.corten.model.container;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How a container asks to be connected to one network (`EndpointSettings` of a request).
///
/// @param ipamConfig `IPv4Address`, `IPv6Address`, as sent; null if absent
public record EndpointConfig(
        @Nullable Map<String, Object> ipamConfig,
        @Nullable List<String> links,
        @Nullable List<String> aliases,
        String macAddress,
        @Nullable Map<String, String> driverOpts,
        int gwPriority) {
    public static final EndpointConfig EMPTY = new EndpointConfig(null, null, null, "", null, 0);

    /// With this address, unless it has one.
    public EndpointConfig orMacAddress(String address) {
        return macAddress.isEmpty()
                ? new EndpointConfig(ipamConfig, links, aliases, address, driverOpts, gwPriority)
                : this;
    }
}
