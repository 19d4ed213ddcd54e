package dev.corten.engine.container;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/// @param tail at most so many lines of the past; empty for all
public record LogRequest(
        boolean stdout,
        boolean stderr,
        boolean follow,
        OptionalInt tail,
        Optional<Instant> since,
        Optional<Instant> until) {}
