package dev.corten.build.work;

/// How a command ended.
///
/// @param code as a shell has it: 128 + n for signal n
/// @param outOfMemory whether the kernel killed something of it for memory
public record StepExit(int code, boolean outOfMemory) {}
