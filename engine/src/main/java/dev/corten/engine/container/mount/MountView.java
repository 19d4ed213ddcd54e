package dev.corten.engine.container.mount;

/// A mount of a container as clients see it.
///
/// @param name of the volume or image, `""` for others
/// @param source on the host
/// @param driver of the volume
/// @param mode the words behind the second colon of `-v`
/// @param declared whether it is a volume that the image or the request only declares: lists do not
///     say where it is
public record MountView(
        String type,
        String name,
        String source,
        String destination,
        String driver,
        String mode,
        boolean writable,
        String propagation,
        boolean declared) {}
