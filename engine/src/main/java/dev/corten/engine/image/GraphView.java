package dev.corten.engine.image;

import dev.corten.store.StorageDriver;
import dev.corten.store.snapshot.Snapshots;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// Where the files of an image or a container lie, as `inspect` shows it under `GraphDriver`.
///
/// @param driver `overlay2` or `vfs`
/// @param data in bytewise order: `LowerDir` (absent without lower layers), `MergedDir`, `UpperDir`,
///     `WorkDir`; for a container also `ID`; empty for `vfs`, or if there is nothing to show
public record GraphView(String driver, Map<String, String> data) {
    public GraphView {
        data = Collections.unmodifiableMap(new TreeMap<>(data));
    }

    /// Of something without files, or that is being removed at this moment.
    public static GraphView none(StorageDriver driver) {
        return new GraphView(driver.toString(), Map.of());
    }

    /// @param more further members
    public static GraphView of(
            StorageDriver driver, Snapshots.Paths paths, Map<String, String> more) {
        if (driver != StorageDriver.OVERLAY) {
            return none(driver);
        }
        var data = new TreeMap<>(more);
        if (!paths.lower().isEmpty()) {
            data.put(
                    "LowerDir",
                    String.join(":", paths.lower().stream().map(Path::toString).toList()));
        }
        data.put("MergedDir", paths.merged().toString());
        data.put("UpperDir", paths.upper().toString());
        data.put("WorkDir", paths.work().toString());
        return new GraphView(driver.toString(), data);
    }
}
