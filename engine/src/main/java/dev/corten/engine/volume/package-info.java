/// Volumes: directories with a name that outlive containers. Start at [Volumes].
///
/// One volume is one directory below `<data-root>/volumes`, which [VolumeDirectory] knows; only a
/// volume with options of the `local` driver (`-o type=…`) is mounted on the host, and only as long
/// as a container holds it ([DeviceMount]). What a volume is filled with at its first use is
/// [CopyUp]'s.
///
/// One lock for the table of volumes, never held across a system call: slow work on a volume
/// announces itself, and others that want the same volume wait. Knows of containers only their IDs.
@org.jspecify.annotations.NullMarked
package dev.corten.engine.volume;
