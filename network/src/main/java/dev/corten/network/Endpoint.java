package dev.corten.network;

import dev.corten.kernel.Fd;
import dev.corten.network.port.PublishedPort;
import java.net.InetAddress;
import java.util.List;

/// A container's place on the default bridge, from [Networks#connect] until
/// [Networks#disconnect].
///
/// @param netns the namespace; belongs to the endpoint
/// @param portSockets one bound socket for each of the record's ports, in the same order: they
///     keep the numbers. They belong to the endpoint; the container's monitor gets duplicates,
///     from which the next daemon restores them. (Fewer only where sockets were lost in a restart
///     and another program has bound the number since.)
public record Endpoint(
        EndpointRecord endpoint,
        Netns netns,
        InetAddress gateway,
        int prefixLength,
        List<Fd> portSockets) {
    public InetAddress address() {
        return endpoint.address();
    }

    public List<PublishedPort> ports() {
        return endpoint.ports();
    }
}
