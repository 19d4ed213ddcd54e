package dev.corten.engine.container.view;

/// What a container takes on the disk, in bytes.
///
/// @param changed what it has written
/// @param whole that and its image
public record DiskSize(long changed, long whole) {}
