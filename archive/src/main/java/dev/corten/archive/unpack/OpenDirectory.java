package dev.corten.archive.unpack;

import dev.corten.kernel.Fd;
import dev.corten.model.PathBytes;

/// A directory of the layer that is being unpacked.
///
/// @param path from the root without links; empty for the root itself
record OpenDirectory(PathBytes path, Fd fd) {
    PathBytes child(PathBytes name) {
        return path.resolve(name);
    }
}
