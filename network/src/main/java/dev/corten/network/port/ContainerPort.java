package dev.corten.network.port;

/// A port of a container as `ExposedPorts` and `PortBindings` write it: `80/tcp`.
public record ContainerPort(int number, Protocol protocol) {
    /// Reads `80/tcp`, `80/udp` or `80`.
    ///
    /// @throws dev.corten.model.InvalidParameter in Docker's words if the text is something else
    public static ContainerPort parse(String text) {
        int slash = text.indexOf('/');
        String digits = slash < 0 ? text : text.substring(0, slash);
        return new ContainerPort(
                PortRange.number(digits, digits),
                Protocol.parse(slash < 0 ? "" : text.substring(slash + 1)));
    }

    @Override
    public String toString() {
        return number + "/" + protocol;
    }
}
