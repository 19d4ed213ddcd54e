package dev.corten.build.file;

import dev.corten.kernel.file.Stat;
import dev.corten.model.PathBytes;

/// One thing that a request names.
///
/// @param path from the root of the source, without links; empty for the root
/// @param name the last name as it was written or found: that of a link is kept
/// @param filter what of a directory is taken
record Match(PathBytes path, PathBytes name, Stat stat, Filter filter) {}
