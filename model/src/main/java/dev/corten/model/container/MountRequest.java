package dev.corten.model.container;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One element of `HostConfig.Mounts`.
///
/// @param type `bind`, `volume`, `tmpfs`, `image`, or what a client thinks that there is
public record MountRequest(
        String type,
        String source,
        String target,
        boolean readOnly,
        String consistency,
        @Nullable BindOptions bind,
        @Nullable VolumeOptions volume,
        @Nullable ImageOptions image,
        @Nullable TmpfsOptions tmpfs) {
    /// @param propagation `rprivate` and the like, `""` for the default
    /// @param readOnlyNonRecursive what is mounted below the source stays writable
    /// @param readOnlyForceRecursive an error if the kernel cannot make all of it read-only
    public record BindOptions(
            String propagation,
            boolean nonRecursive,
            boolean createMountpoint,
            boolean readOnlyNonRecursive,
            boolean readOnlyForceRecursive) {}

    public record VolumeOptions(
            boolean noCopy,
            @Nullable Map<String, String> labels,
            String subpath,
            @Nullable Driver driver) {}

    public record Driver(String name, @Nullable Map<String, String> options) {}

    public record ImageOptions(String subpath) {}

    /// @param mode in the notation of stat(2), 0 for the default
    /// @param options of mount(8), each a word alone or a key and a value
    public record TmpfsOptions(long sizeBytes, long mode, @Nullable List<List<String>> options) {}
}
