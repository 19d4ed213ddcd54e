/// Bridges, addresses, ports, firewall.
@org.jspecify.annotations.NullMarked
package dev.corten.network;
