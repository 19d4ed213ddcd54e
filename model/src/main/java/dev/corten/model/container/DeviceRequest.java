package dev.corten.model.container;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Devices asked for by capability (`--gpus`).
public record DeviceRequest(
        String driver,
        int count,
        @Nullable List<String> deviceIds,
        @Nullable List<List<String>> capabilities,
        @Nullable Map<String, String> options) {}
