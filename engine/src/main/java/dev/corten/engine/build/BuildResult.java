package dev.corten.engine.build;

import dev.corten.model.Digest;
import java.util.Optional;
import java.util.SortedMap;

/// What came of a build.
///
/// @param imageId of the image; empty if only files were asked for
/// @param metadata for `--metadata-file`: `containerimage.digest`, `image.name` …, values are JSON
public record BuildResult(Optional<Digest> imageId, SortedMap<String, String> metadata) {}
