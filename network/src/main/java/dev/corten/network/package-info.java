/// Bridges, addresses, ports, firewall: how containers reach each other, the host and the world.
///
/// Start with [Networks]: `connect` puts a container on the default bridge, `createIsolated` makes
/// a namespace without network, `restore` takes over what an earlier daemon left.
/// [dev.corten.network.file] writes the container's files; [dev.corten.network.port] reads port
/// bindings, and knows which port is whose; [dev.corten.network.address] does so for addresses.
///
/// Below it: [HostSetup] (what is changed on the host before the first container), [DefaultBridge]
/// (link and address), [Endpoints] (the containers on it), [HostPorts] (the sockets that hold ports),
/// [Firewall] (the nftables table, drawn there), `relay` (what the firewall cannot translate),
/// [Sandboxes] and [Spares] (namespaces, prepared with their veth pair), [RulesetWatch] (repairs the
/// table when somebody flushes it), [ForeignFirewall] (the way through another engine's rules).
///
/// **Threads.** An engine's network has platform threads, born in the network namespace that
/// [Networks#open] is called in: `network` changes the state, and callers, mostly virtual threads,
/// wait for it; `network-background` does what nobody waits for (deleting links takes some 20 ms,
/// preparing sandboxes some milliseconds); `network-watch` sleeps until the firewall is changed;
/// `network-relay` carries what is relayed. There are no locks besides the address pool's, which is
/// never held across a system call.
///
/// **On disk.** `<data-root>/network/files/default-bridge` holds the bridge's address and prefix,
/// `forwarding` the boot in which this engine turned IP forwarding on. `<exec-root>/netns/<12 hex>`
/// are namespaces, `<exec-root>/network-cursors` is described at
/// [dev.corten.network.port.Cursors]. Endpoints are written down by the engine ([EndpointRecord]),
/// not here.
///
/// **Limits.** Containers have IPv4 addresses only. Where a host's own rules drop what is forwarded,
/// packets between the bridge and the world are dropped: a table cannot overrule another's drop.
@NullMarked
package dev.corten.network;

import org.jspecify.annotations.NullMarked;
