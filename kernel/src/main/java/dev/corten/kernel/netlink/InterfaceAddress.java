package dev.corten.kernel.netlink;

import java.net.InetAddress;

/// An address on an interface.
public record InterfaceAddress(int link, InetAddress address, int prefixLength) {}
