package dev.corten.build.cache;

import java.io.IOException;
import java.util.List;

/// A kind of things that are kept for later builds. Thread-safe.
public interface Kept {
    /// All of them, in any order.
    List<CacheUsage> usage() throws IOException;

    /// Removes one.
    ///
    /// @return false if it is in use, or not here
    boolean remove(String id) throws IOException;
}
