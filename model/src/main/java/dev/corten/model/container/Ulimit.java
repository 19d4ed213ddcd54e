package dev.corten.model.container;

import java.util.Set;

/// A resource limit; -1 is unlimited.
///
/// @param name without `RLIMIT_`, in lower case: `nofile`
public record Ulimit(String name, long hard, long soft) {
    /// Those that clients and the daemon's options may name.
    public static final Set<String> NAMES =
            Set.of(
                    "core",
                    "cpu",
                    "data",
                    "fsize",
                    "locks",
                    "memlock",
                    "msgqueue",
                    "nice",
                    "nofile",
                    "nproc",
                    "rss",
                    "rtprio",
                    "rttime",
                    "sigpending",
                    "stack");
}
