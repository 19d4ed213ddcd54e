/// What a registry keeps on disk, in the tree of Docker Registry 2.8, byte for byte: either server
/// opens what the other has left. Start at [Storage].
///
/// The disk is the only truth: any number of processes may share one tree. A file appears whole, by
/// one rename, after it has been synced. Blobs and links carry in their modification time when
/// somebody last relied on them; the collection (package `collect`) leaves alone what is young.
///
/// Every path is made of validated names and digests, in [Layout] alone.
@NullMarked
package dev.corten.registry.server.storage;

import org.jspecify.annotations.NullMarked;
