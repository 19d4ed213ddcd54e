package dev.corten.network;

import dev.corten.kernel.Fd;
import java.util.List;

/// An endpoint of a container that outlived the daemon, for [Networks#restore].
///
/// @param portSockets those that the container's monitor has kept, in the order of the record's
///     ports; ownership passes to the restored endpoint. Empty if they are lost: then the numbers
///     are bound again.
public record SavedEndpoint(EndpointRecord endpoint, List<Fd> portSockets) {}
