/// Blobs by their digest: manifests and layers, exactly as they came.
///
/// Start at [dev.corten.store.content.Content]. A blob is written under a name of its own in
/// `partial/`, its digest is verified once, and only then a rename makes it visible; so whatever
/// lies under `sha256/` is complete. Several threads may ingest and read at the same time; two that
/// bring the same blob both succeed.
@org.jspecify.annotations.NullMarked
package dev.corten.store.content;
