package dev.corten.engine.container;

/// @param force kill it first if it runs
/// @param volumes remove its anonymous volumes too
public record RemoveOptions(boolean force, boolean volumes) {}
