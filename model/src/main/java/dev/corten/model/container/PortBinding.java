package dev.corten.model.container;

/// A place on the host where a port of the container is asked for, or is.
///
/// @param hostIp an address, or `""` for all
/// @param hostPort a number, a range `8000-8010`, or `""` for one that the engine chooses
public record PortBinding(String hostIp, String hostPort) {}
