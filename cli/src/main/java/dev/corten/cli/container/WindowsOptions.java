package dev.corten.cli.container;

import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.Flags;
import java.util.List;
import java.util.stream.Collectors;

/// The options that only a daemon on Windows could do anything with.
final class WindowsOptions {
    private static final List<String> NAMES =
            List.of("cpu-count", "cpu-percent", "io-maxbandwidth", "io-maxiops");

    private WindowsOptions() {}

    /// @throws Failure in Docker's words if one of them is given
    static void refuse(Flags flags) {
        String refusals =
                NAMES.stream()
                        .filter(flags::isGiven)
                        .map(name ->
                                "\"--"
                                        + name
                                        + "\" is only supported on a Docker daemon running on"
                                        + " windows, but the Docker daemon is running on linux")
                        .collect(Collectors.joining("\n"));
        if (!refusals.isEmpty()) {
            throw new Failure(refusals);
        }
    }
}
