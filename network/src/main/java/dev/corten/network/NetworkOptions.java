package dev.corten.network;

import java.nio.file.Path;
import java.util.Optional;

/// How an engine's networks are set up.
///
/// @param files where what must survive a reboot is kept: `<data-root>/network/files`
/// @param netns where network namespaces get names: `<exec-root>/netns`
/// @param bridgeSubnet address and prefix of the default bridge (`--bip`); otherwise the one that
///     was chosen before, otherwise the first of Docker's default pools that is free
/// @param mtu of the bridge and of the containers' interfaces
/// @param prepared how many sandboxes are kept ready
public record NetworkOptions(
        Instance instance,
        Path files,
        Path netns,
        Optional<Subnet> bridgeSubnet,
        int mtu,
        int prepared) {
    public static final int DEFAULT_MTU = 1500;
    public static final int DEFAULT_PREPARED = 4;

    /// Options with the default size and number.
    public static NetworkOptions of(Path dataRoot, Path execRoot, Optional<Subnet> bridgeSubnet) {
        return new NetworkOptions(
                Instance.of(dataRoot),
                dataRoot.resolve("network/files"),
                execRoot.resolve("netns"),
                bridgeSubnet,
                DEFAULT_MTU,
                DEFAULT_PREPARED);
    }
}
