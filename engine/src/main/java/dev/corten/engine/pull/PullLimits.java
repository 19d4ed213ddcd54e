package dev.corten.engine.pull;

/// How much pulls may do.
///
/// @param downloads layers that come at the same time; 0 for any number
/// @param attempts how often the download of a layer is begun, at least once
/// @param layerBytes that one layer may unpack to
public record PullLimits(int downloads, int attempts, long layerBytes) {}
