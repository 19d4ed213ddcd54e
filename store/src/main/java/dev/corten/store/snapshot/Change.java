package dev.corten.store.snapshot;

import dev.corten.model.PathBytes;

/// A difference between a container's file system and its image.
///
/// @param path absolute
public record Change(PathBytes path, Kind kind) {
    /// In the order of their numbers in the API.
    public enum Kind {
        MODIFIED,
        ADDED,
        DELETED
    }
}
