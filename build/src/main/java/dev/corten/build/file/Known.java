package dev.corten.build.file;

import dev.corten.model.Digest;
import dev.corten.model.PathBytes;
import java.util.Optional;

/// Digests of regular files that somebody has found out before, so that they need not be read.
@FunctionalInterface
public interface Known {
    Known NOTHING = path -> Optional.empty();

    /// @param path from the root of the source, without links in it
    Optional<Digest> digest(PathBytes path);
}
