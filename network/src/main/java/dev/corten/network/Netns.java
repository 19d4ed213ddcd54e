package dev.corten.network;

import dev.corten.kernel.Fd;
import java.nio.file.Path;

/// A network namespace with a name on disk.
///
/// @param name twelve hexadecimal digits
/// @param path the file that it is bind-mounted on: `SandboxKey` in the API
/// @param fd a descriptor of it, for `setns`; stays this object's
public record Netns(String name, Path path, Fd fd) {}
