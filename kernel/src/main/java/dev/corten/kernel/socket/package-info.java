/// Sockets by descriptor: Unix sockets that carry descriptors, reserved ports, netlink.
///
/// Start at [Sockets] for what all sockets have, at [UnixSockets] for local ones and at
/// [InetSockets] for reserving ports. Descriptors are close-on-exec. Calls block as the sockets do.
@org.jspecify.annotations.NullMarked
package dev.corten.kernel.socket;
