package dev.corten.model.container;

import java.util.Map;

/// @param type the name of the log driver; empty if the daemon is to choose
/// @param config its options
public record LogConfig(String type, Map<String, String> config) {
    /// Nothing was said: the daemon decides.
    public static final LogConfig UNSAID = new LogConfig("", Map.of());

    public LogConfig {
        config = Map.copyOf(config);
    }
}
