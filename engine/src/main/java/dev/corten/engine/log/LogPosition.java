package dev.corten.engine.log;

/// A place in a log that a monitor named.
///
/// @param generation how often the log had been rotated
/// @param offset in the file that was current then
public record LogPosition(long generation, long offset) {}
