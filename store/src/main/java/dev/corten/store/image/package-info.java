/// Images: their configurations, their names, and how they come in.
///
/// Start at [dev.corten.store.image.Images]. What is in memory is an immutable catalog that is
/// replaced whole under a short lock, so that lists never wait; the files on disk are the truth
/// and are written before the catalog changes. `ArchiveLoad` reads archives of `docker save`,
/// `RootfsImport` plain root file systems, `ImageDocument` the JSON in them.
@org.jspecify.annotations.NullMarked
package dev.corten.store.image;
