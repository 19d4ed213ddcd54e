package dev.corten.store.snapshot;

import dev.corten.model.Digest;
import java.util.Optional;

/// A committed layer.
///
/// @param cacheId the name of its directory
/// @param link the short name of its `diff/`
/// @param size bytes of its regular files
/// @param blob what it was unpacked from, if that is kept
public record Layer(
        Digest chainId,
        Digest diffId,
        Optional<Digest> parent,
        String cacheId,
        String link,
        long size,
        Optional<Digest> blob) {}
