package dev.corten.engine.container.mount;

import dev.corten.model.CortenException;
import dev.corten.model.Internal;
import dev.corten.model.container.MountRequest;
import java.util.List;

/// One element of `HostConfig.Binds`, the value of `-v`: `[SOURCE:]TARGET[:MODE]`.
///
/// Docker answers 500 to most of what is wrong here, and so do we.
///
/// @param request the same as an element of `HostConfig.Mounts`
/// @param mode as given
record BindText(MountRequest request, String mode) {
    /// @param driver of a volume; `""` for the default
    /// @throws CortenException in Docker's words
    static BindText parse(String raw, String driver) {
        List<String> parts = List.of(raw.split(":", -1));
        if (parts.size() > 3 || parts.getFirst().isEmpty()) {
            throw invalid(raw);
        }
        String source = parts.size() == 1 ? "" : parts.getFirst();
        String target = parts.size() == 1 ? raw : parts.get(1);
        String mode = parts.size() == 3 ? parts.get(2) : "";
        if (parts.size() == 2 && MountModes.isValid(target)) {
            throw invalid(raw);
        }
        if (!MountModes.isValid(mode)) {
            throw new Internal("invalid mode: " + mode);
        }
        var modes = MountModes.of(mode);
        boolean bind = source.startsWith("/");
        var request =
                new MountRequest(
                        bind ? "bind" : "volume",
                        source,
                        target,
                        !modes.writable(),
                        "",
                        modes.propagation().isEmpty()
                                ? null
                                : new MountRequest.BindOptions(
                                        modes.propagation(), false, false, false, false),
                        modes.noCopy() || (!bind && !driver.isEmpty())
                                ? new MountRequest.VolumeOptions(
                                        modes.noCopy(),
                                        null,
                                        "",
                                        new MountRequest.Driver(driver, null))
                                : null,
                        null,
                        null);
        try {
            MountChecks.check(request);
        } catch (CortenException e) {
            throw new Internal(invalid(raw).message() + ": " + e.message(), e);
        }
        return new BindText(request, mode);
    }

    private static Internal invalid(String raw) {
        return new Internal("invalid volume specification: '" + raw + "'");
    }
}
