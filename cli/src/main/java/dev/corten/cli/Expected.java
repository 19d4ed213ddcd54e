package dev.corten.cli;

import java.util.Set;

/// Commands of Docker's that Corten does not have yet, so that nobody takes them for a mistake in
/// typing.
final class Expected {
    private static final Set<String> COMMANDS =
            Set.of(
                    "checkpoint",
                    "compose",
                    "config",
                    "container cp",
                    "cp",
                    "node",
                    "plugin",
                    "scout",
                    "secret",
                    "service",
                    "stack",
                    "swarm",
                    "trust");

    private Expected() {}

    static boolean has(String path) {
        return COMMANDS.contains(path);
    }
}
