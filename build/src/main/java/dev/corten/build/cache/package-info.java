/// What builds leave for later builds: results of steps ([dev.corten.build.cache.DiskCache]) and the
/// directories of `RUN --mount=type=cache` ([dev.corten.build.cache.CacheMounts]), with one list of all
/// of it and one way to have less of it.
///
/// Below `builder/` in the data root; nothing of it is in memory but what was used since it was last
/// written. Nothing is synced: what cannot be read is not remembered. Knows nothing of Dockerfiles but
/// how steps share a cache mount.
@org.jspecify.annotations.NullMarked
package dev.corten.build.cache;
