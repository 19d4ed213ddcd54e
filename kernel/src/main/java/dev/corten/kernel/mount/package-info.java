/// Mounts: the old call, the new ones that work on descriptors, overlays, the mount table.
///
/// Start at [Mounts]; [OverlayMount] assembles a container's root file system as a detached mount;
/// [MountInfo] reads `/proc/self/mountinfo`. Mounting can block on devices and servers: call from a
/// platform thread. Stateless and thread-safe.
@org.jspecify.annotations.NullMarked
package dev.corten.kernel.mount;
