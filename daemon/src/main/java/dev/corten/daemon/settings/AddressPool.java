package dev.corten.daemon.settings;

/// Where networks take their subnets from.
///
/// @param base as `10.0.0.0/8`
/// @param size the prefix length of a subnet
public record AddressPool(String base, int size) {}
