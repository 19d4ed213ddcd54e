/// Images that come from registries.
///
/// Start at [dev.corten.engine.pull.Pulls]. A name is resolved for each client by itself (`Choice`
/// takes the manifest of one platform); what follows is work that clients share: an `ImagePull` for
/// each manifest, a `LayerTransfer` for each blob. `Watch` carries the messages of that work to one
/// client. What is unpacked and committed how is the store's
/// ([dev.corten.store.image.ImageIntake]); who a registry is and how it is asked is behind
/// [dev.corten.engine.pull.ImageSource].
///
/// Locks are for memory only, and none is taken under another.
@NullMarked
package dev.corten.engine.pull;

import org.jspecify.annotations.NullMarked;
