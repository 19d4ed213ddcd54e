package dev.corten.model.container;

import dev.corten.model.PathBytes;

/// A difference between a container's file system and its image.
///
/// @param path absolute
public record Change(PathBytes path, Kind kind) {
    /// In the order of their numbers in the API.
    public enum Kind {
        MODIFIED(0),
        ADDED(1),
        DELETED(2);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        /// As the API writes it.
        public int number() {
            return number;
        }
    }
}
