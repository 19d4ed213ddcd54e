package dev.corten.api.wire;

import dev.corten.engine.volume.Volume;
import java.time.temporal.ChronoUnit;

/// Volumes, as inspect, lists and `system df` show them.
public final class VolumeJson {
    private VolumeJson() {}

    public static void write(Json out, Volume volume) {
        out.time("CreatedAt", volume.createdAt().truncatedTo(ChronoUnit.SECONDS))
                .text("Driver", volume.driver())
                .map("Labels", volume.labels())
                .text("Mountpoint", volume.mountpoint().toString())
                .text("Name", volume.name())
                .map("Options", volume.options())
                .text("Scope", "local");
    }

    /// @param users how many containers have it
    /// @param bytes of its files
    public static void writeUsage(Json out, Volume volume, int users, long bytes) {
        write(out, volume);
        out.object("UsageData", o -> o.number("RefCount", users).number("Size", bytes));
    }
}
