package dev.corten.engine.volume;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A volume that somebody wants to be there.
///
/// @param name `""` for one that the engine makes up
/// @param driver `""` for the default
public record VolumeRequest(
        String name,
        String driver,
        @Nullable Map<String, String> labels,
        @Nullable Map<String, String> options) {
    boolean isAnonymous() {
        return labels != null && labels.containsKey(Volume.ANONYMOUS_LABEL);
    }

    /// With a name that the engine has made up, and the label that says so.
    VolumeRequest anonymous(String made) {
        var marked = new TreeMap<String, String>(labels == null ? Map.of() : labels);
        marked.put(Volume.ANONYMOUS_LABEL, "");
        return new VolumeRequest(made, driver, marked, options);
    }

    /// One without anything special.
    public static VolumeRequest of(String name) {
        return new VolumeRequest(name, "", null, null);
    }
}
