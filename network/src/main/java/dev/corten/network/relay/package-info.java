/// Carries connections and datagrams from sockets of the host to a container, where the firewall
/// cannot translate: from IPv6 to a container that has only IPv4.
///
/// Start with [Relays]. One platform thread, `network-relay`, does it all with sockets that never
/// block ([RelayLoop]); it is started with the first relay, and connects from the network namespace
/// of whoever makes that one. A [Relay] is a socket; a [TcpRelay] has [TcpConnection]s, a [UdpRelay]
/// has conversations.
///
/// The sockets are the caller's: a relay works on duplicates. While nobody relays, the kernel
/// queues connections and datagrams in them.
@NullMarked
package dev.corten.network.relay;

import org.jspecify.annotations.NullMarked;
