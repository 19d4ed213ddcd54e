/// Deletes what nobody refers to, while the registry goes on being pushed to. Start at
/// [Collection].
///
/// Whoever is about to refer to a blob, a link or a manifest first touches it; whoever collects only
/// takes what is old and unreferenced, and takes it in two steps. It moves the file aside, looks
/// whether it has been touched all the same, and then either puts it back or deletes it. So there is
/// no lock between pushes and the collection, and they may be in different processes.
@NullMarked
package dev.corten.registry.server.collect;

import org.jspecify.annotations.NullMarked;
