package dev.corten.model.container;

import java.util.Map;

/// @param type the name of the log driver
/// @param config its options
public record LogConfig(String type, Map<String, String> config) {
    public static final LogConfig DEFAULT = new LogConfig("json-file", Map.of());

    public LogConfig {
        config = Map.copyOf(config);
    }
}
