package dev.corten.model.container;

/// How a container is connected to one network. Strings are empty while it is not.
///
/// @param mac lower case, `aa:bb:cc:dd:ee:ff`
public record EndpointState(
        EndpointConfig config,
        String networkId,
        String endpointId,
        String gateway,
        String ipAddress,
        int ipPrefixLength,
        String ipv6Gateway,
        String globalIpv6Address,
        int globalIpv6PrefixLength,
        String mac) {
    /// Before the first start: all that is known is what was asked for.
    public static EndpointState planned(EndpointConfig config) {
        return new EndpointState(config, "", "", "", "", 0, "", "", 0, config.macAddress());
    }

    public static EndpointState disconnected(EndpointConfig config, String networkId) {
        return new EndpointState(config, networkId, "", "", "", 0, "", "", 0, "");
    }
}
