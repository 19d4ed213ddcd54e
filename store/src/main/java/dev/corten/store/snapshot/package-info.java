/// Layers, and the file systems that are stacked of them.
///
/// Start at [dev.corten.store.snapshot.Snapshots] (what a container has) and
/// [dev.corten.store.snapshot.Layers] (what images have). A layer is named by its chain ID, which
/// covers all layers below it: so a committed layer never changes, and everyone may read it. Layers
/// come into being by a [dev.corten.store.snapshot.LayerImport]: unpacked each into a private
/// directory, in parallel, and committed from the bottom up, when what lies below is known.
///
/// How layers lie on disk and how a container's file system is made of them is a
/// [dev.corten.store.snapshot.Snapshotter]'s: by overlayfs, or by copies.
///
/// One lock, held for memory only, guards which layers are in use; what nobody uses is collected.
@org.jspecify.annotations.NullMarked
package dev.corten.store.snapshot;
