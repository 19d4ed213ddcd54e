package dev.corten.model.container;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One element of `HostConfig.Mounts`.
///
/// @param type `bind`, `volume`, `tmpfs`, `npipe`, `cluster`, `image`
/// @param options `BindOptions`, `VolumeOptions`, `TmpfsOptions`, `ImageOptions` as sent, by name
public record MountRequest(
        String type,
        String source,
        String target,
        boolean readOnly,
        String consistency,
        @Nullable Map<String, Object> options) {}
