package dev.corten.model.oci;

import dev.corten.model.PathBytes;

/// The root file system.
///
/// @param path where it is, for a bundle; informative when the root comes as a descriptor
/// @param readonly whether it is made read-only before the process starts
public record Root(PathBytes path, boolean readonly) {}
