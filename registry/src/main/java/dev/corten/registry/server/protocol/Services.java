package dev.corten.registry.server.protocol;

import dev.corten.registry.server.event.Events;
import dev.corten.registry.server.storage.Quotas;
import dev.corten.registry.server.storage.Storage;
import java.util.Optional;

/// What routes work with.
///
/// @param upstream of a cache
/// @param deletes whether manifests and blobs may be deleted
/// @param readOnly whether nothing may be changed at all
/// @param anyMount whether a blob may be mounted without saying from where
/// @param maxEntries the most repositories that are listed at once
record Services(
        Storage storage,
        FactsCache facts,
        Quotas quotas,
        Events events,
        Optional<Upstream> upstream,
        boolean deletes,
        boolean readOnly,
        boolean anyMount,
        int maxEntries) {}
