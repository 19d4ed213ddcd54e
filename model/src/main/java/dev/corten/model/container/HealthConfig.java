package dev.corten.model.container;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// How to find out whether a container is healthy. Durations are nanoseconds; 0 inherits.
///
/// @param test `["NONE"]`, `["CMD", args…]`, `["CMD-SHELL", command]`, or null to inherit
public record HealthConfig(
        @Nullable List<String> test,
        long interval,
        long timeout,
        long startPeriod,
        long startInterval,
        int retries) {}
