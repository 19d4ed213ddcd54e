package dev.corten.kernel.netlink;

import java.net.InetAddress;
import java.util.Optional;

/// An entry of the neighbour table.
public record Neighbour(
        int link, InetAddress address, Optional<MacAddress> mac, boolean permanent) {}
