/// The data root: what lies where, how it is changed so that a crash at any moment leaves
/// something that opening repairs, and that only one daemon has it open.
///
/// Start at [Store]. [StoreLayout] draws the tree; [Durable] is the only way that anything in it
/// becomes visible. The parts are `content` (blobs), `snapshot` (layers and containers' file
/// systems), `image` (configurations and names) and `artifact`; each keeps its own short lock, taken in the
/// order image, snapshot, content, and holds none while it reads, writes or unpacks.
@org.jspecify.annotations.NullMarked
package dev.corten.store;
