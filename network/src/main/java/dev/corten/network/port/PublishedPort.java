package dev.corten.network.port;

import java.net.InetAddress;

/// A port of a container that is reachable on the host.
///
/// @param hostIp the host's address, `0.0.0.0` for all
public record PublishedPort(
        InetAddress hostIp, int hostPort, int containerPort, Protocol protocol) {}
