package dev.corten.kernel.netlink;

import java.net.InetAddress;
import java.util.Optional;

/// A unicast route of the main table.
///
/// @param destination empty for the default route
/// @param link the outgoing interface, or 0 where the route names none (multipath, unreachable)
public record Route(
        Optional<InetAddress> destination,
        int prefixLength,
        Optional<InetAddress> gateway,
        int link) {}
