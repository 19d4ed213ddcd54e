package dev.corten.network;

import dev.corten.kernel.Fd;
import dev.corten.kernel.netlink.NetworkNamespace;
import java.nio.file.Path;

/// A network namespace with a name on disk.
///
/// @param name twelve hexadecimal digits
/// @param path the file that it is bind-mounted on: `SandboxKey` in the API
public record Netns(String name, Path path, NetworkNamespace namespace) {
    /// A descriptor of the namespace, for `setns`; it stays this object's.
    public Fd fd() {
        return namespace.fd();
    }
}
