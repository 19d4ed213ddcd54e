package dev.corten.engine.volume;

import dev.corten.model.ContainerId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A volume at one moment.
///
/// @param labels null if none were ever given, as clients see the difference
/// @param options of the driver; null likewise
/// @param mountpoint the directory on the host
/// @param madeFor the container that needed a volume, if nobody has named this one
public record Volume(
        String name,
        Instant createdAt,
        @Nullable Map<String, String> labels,
        @Nullable Map<String, String> options,
        Path mountpoint,
        Optional<ContainerId> madeFor) {
    /// The only driver there is.
    public static final String LOCAL = "local";

    /// Marks volumes for which nobody has chosen a name.
    public static final String ANONYMOUS_LABEL = "com.docker.volume.anonymous";

    public Volume {
        labels = sorted(labels);
        options = sorted(options);
    }

    private static @Nullable Map<String, String> sorted(@Nullable Map<String, String> map) {
        return map == null ? null : Collections.unmodifiableMap(new TreeMap<>(map));
    }

    public String driver() {
        return LOCAL;
    }

    public boolean isAnonymous() {
        return labels != null && labels.containsKey(ANONYMOUS_LABEL);
    }

    /// Whether its place is somewhere else, so that it has to be mounted before use.
    public boolean hasOptions() {
        return options != null && !options.isEmpty();
    }
}
