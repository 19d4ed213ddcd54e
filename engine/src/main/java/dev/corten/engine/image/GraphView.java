package dev.corten.engine.image;

import dev.corten.store.snapshot.Snapshots;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// Where the files of an image or a container lie, as `inspect` shows it under `GraphDriver`.
///
/// @param driver `overlay2`
/// @param data in bytewise order: `LowerDir` (absent without lower layers), `MergedDir`, `UpperDir`, `WorkDir`; for a
///     container also `ID`
public record GraphView(String driver, Map<String, String> data) {
    private static final String OVERLAY = "overlay2";

    /// Of something that is being removed at this moment.
    public static final GraphView GONE = new GraphView(OVERLAY, Map.of());

    public GraphView {
        data = Collections.unmodifiableMap(new TreeMap<>(data));
    }

    /// @param more further members
    public static GraphView of(Snapshots.Paths paths, Map<String, String> more) {
        var data = new TreeMap<>(more);
        if (!paths.lower().isEmpty()) {
            data.put(
                    "LowerDir",
                    String.join(":", paths.lower().stream().map(Path::toString).toList()));
        }
        data.put("MergedDir", paths.merged().toString());
        data.put("UpperDir", paths.upper().toString());
        data.put("WorkDir", paths.work().toString());
        return new GraphView(OVERLAY, data);
    }
}
