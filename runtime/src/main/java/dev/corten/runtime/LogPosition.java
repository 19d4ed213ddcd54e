package dev.corten.runtime;

/// A place between two lines of a container's log.
///
/// @param generation how often the log has been rotated
/// @param offset in bytes in the current file
public record LogPosition(long generation, long offset) {}
