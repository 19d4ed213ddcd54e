/// The mounts of containers. At creation [MountPlanning] finds out what they are and
/// [ContainerMounts] makes their volumes, which it also holds through the container's life; at each
/// start [MountOpening] opens their sources, [MountSources]. Knows mounts and IDs, but no container.
@org.jspecify.annotations.NullMarked
package dev.corten.engine.container.mount;
