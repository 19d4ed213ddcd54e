package dev.corten.engine.container;

import java.util.Map;

/// @param driver `overlay2`
/// @param data `LowerDir`, `MergedDir`, `UpperDir`, `WorkDir`
public record GraphView(String driver, Map<String, String> data) {}
