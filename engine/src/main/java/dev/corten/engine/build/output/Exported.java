package dev.corten.engine.build.output;

import dev.corten.model.Digest;
import java.util.Optional;
import java.util.SortedMap;

/// What came of it.
///
/// @param image the ID of the one that the names mean; empty if no image was asked for
/// @param metadata for `--metadata-file`; values are JSON
public record Exported(Optional<Digest> image, SortedMap<String, String> metadata) {}
