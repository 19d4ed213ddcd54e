package dev.corten.cli;

import java.util.Set;

/// Commands of Docker's that Corten does not have yet, so that nobody takes them for a mistake in
/// typing.
final class Expected {
    private static final Set<String> COMMANDS =
            Set.of(
                    "build",
                    "builder",
                    "buildx",
                    "checkpoint",
                    "commit",
                    "compose",
                    "config",
                    "container commit",
                    "container cp",
                    "container export",
                    "cp",
                    "export",
                    "history",
                    "image build",
                    "image history",
                    "image prune",
                    "image push",
                    "image save",
                    "login",
                    "logout",
                    "manifest",
                    "network",
                    "node",
                    "plugin",
                    "push",
                    "save",
                    "scout",
                    "search",
                    "secret",
                    "service",
                    "stack",
                    "swarm",
                    "trust",
                    "update",
                    "volume");

    private Expected() {}

    static boolean has(String path) {
        return COMMANDS.contains(path);
    }
}
