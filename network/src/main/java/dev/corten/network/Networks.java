package dev.corten.network;

import java.io.IOException;
import java.util.Collection;
import java.util.List;

/// The networks of one engine: its default bridge, and namespaces without any network.
@SuppressWarnings("DoNotCallSuggester")
public final class Networks implements AutoCloseable {
    private Networks() {}

    /// Makes the bridge, the firewall table and the first prepared sandboxes, or takes over those
    /// that an earlier daemon left. What that daemon's containers use goes on working.
    ///
    /// @throws dev.corten.model.InvalidParameter if the subnet asked for cannot be used
    /// @throws dev.corten.model.Unavailable if no default pool is free
    public static Networks open(NetworkOptions options) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// The default bridge's name, `corten0` unless this is another instance.
    public String bridge() {
        throw new UnsupportedOperationException();
    }

    /// The default bridge's own address, the containers' gateway, with its prefix length.
    public Subnet bridgeSubnet() {
        throw new UnsupportedOperationException();
    }

    /// A namespace that has `lo` and nothing else (`--network none`). End it with [#release].
    public Netns createIsolated() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Unmounts and closes a namespace from [#createIsolated] or [#reopen].
    public void release(Netns netns) {
        throw new UnsupportedOperationException();
    }

    /// The namespace with this name after a restart of the daemon.
    ///
    /// @throws dev.corten.kernel.Errno if it is gone
    public Netns reopen(String name) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Puts a container on the default bridge: a namespace with `eth0`, an address, a default
    /// route, and its ports published. When this fails, nothing is left of it.
    ///
    /// @throws dev.corten.model.Internal in Docker's words if a host port cannot be had: `driver
    ///     failed programming external connectivity on endpoint web (…): Bind for 0.0.0.0:80
    ///     failed: port is already allocated`
    /// @throws dev.corten.model.Unavailable if the subnet has no free address
    public Endpoint connect(EndpointRequest request) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Takes a container off the bridge. Ports, address and firewall elements are free when this
    /// returns; the links go a little later, in the background. Never fails: what cannot be undone
    /// is logged, and cleared by the next [#restore].
    public void disconnect(Endpoint endpoint) {
        throw new UnsupportedOperationException();
    }

    /// Called once after [#open], before the first [#connect]: takes over the endpoints of the
    /// containers that still run, corrects the firewall's elements by what differs, and removes
    /// everything else that this instance has left behind.
    ///
    /// @param isolated the names of namespaces that containers without network use
    public List<Endpoint> restore(
            Collection<SavedEndpoint> endpoints, Collection<String> isolated) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Stops the background work. Bridge, table and endpoints stay: containers go on.
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
