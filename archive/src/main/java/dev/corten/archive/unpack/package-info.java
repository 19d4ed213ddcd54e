/// Layers from their tar onto a file system.
///
/// Start at [dev.corten.archive.unpack.LayerUnpack]. Every path goes through descriptors of
/// directories beneath the target and openat2(2), which refuses to leave them; symbolic links in an
/// archive's paths are followed inside the target only. The target must not be changed by others
/// meanwhile. One object unpacks one archive on one thread; these calls block, so it is no virtual
/// one.
@org.jspecify.annotations.NullMarked
package dev.corten.archive.unpack;
