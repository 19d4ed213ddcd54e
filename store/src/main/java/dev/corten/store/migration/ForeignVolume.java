package dev.corten.store.migration;

import java.nio.file.Path;
import java.util.Map;

/// A volume of another engine's local driver.
///
/// @param data its files
/// @param labels none, if it was made without any
/// @param options of the driver; none for a plain one
public record ForeignVolume(
        String name, Path data, Map<String, String> labels, Map<String, String> options) {
    public ForeignVolume {
        labels = Map.copyOf(labels);
        options = Map.copyOf(options);
    }
}
