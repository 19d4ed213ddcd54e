package dev.corten.model.image;

import java.time.Instant;
import java.util.Optional;

/// How one step of an image's making was done.
///
/// @param emptyLayer true if the step changed the configuration only
public record History(
        Optional<Instant> created,
        String createdBy,
        String author,
        String comment,
        boolean emptyLayer) {}
