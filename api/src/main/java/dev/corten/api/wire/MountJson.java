package dev.corten.api.wire;

import dev.corten.model.InvalidParameter;
import dev.corten.model.container.MountRequest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The elements of `HostConfig.Mounts`.
final class MountJson {
    private MountJson() {}

    static MountRequest read(JsonInput in, ApiVersion version) {
        String type = in.text("Type");
        if (version.atLeast(42)) {
            only(in, type, "VolumeOptions", "volume");
            only(in, type, "BindOptions", "bind");
            only(in, type, "TmpfsOptions", "tmpfs");
        }
        return new MountRequest(
                type,
                in.text("Source"),
                in.text("Target"),
                in.flag("ReadOnly"),
                in.text("Consistency"),
                bind(in.object("BindOptions"), version),
                volume(in.object("VolumeOptions"), version),
                image(in.object("ImageOptions")),
                tmpfs(in.object("TmpfsOptions"), version));
    }

    private static void only(JsonInput in, String type, String options, String of) {
        if (!type.isEmpty() && !type.equals(of) && in.has(options)) {
            throw new InvalidParameter(
                    options + " must not be specified on mount type \"" + type + "\"");
        }
    }

    /// Members are left aside for clients that are older than they.
    private static MountRequest.@Nullable BindOptions bind(
            @Nullable JsonInput in, ApiVersion version) {
        return in == null
                ? null
                : new MountRequest.BindOptions(
                        in.text("Propagation"),
                        in.flag("NonRecursive") && version.atLeast(40),
                        in.flag("CreateMountpoint") && version.atLeast(42),
                        in.flag("ReadOnlyNonRecursive") && version.atLeast(44),
                        in.flag("ReadOnlyForceRecursive") && version.atLeast(44));
    }

    private static MountRequest.@Nullable VolumeOptions volume(
            @Nullable JsonInput in, ApiVersion version) {
        if (in == null) {
            return null;
        }
        JsonInput driver = in.object("DriverConfig");
        return new MountRequest.VolumeOptions(
                in.flag("NoCopy"),
                in.map("Labels"),
                version.atLeast(45) ? in.text("Subpath") : "",
                driver == null
                        ? null
                        : new MountRequest.Driver(driver.text("Name"), driver.map("Options")));
    }

    private static MountRequest.@Nullable ImageOptions image(@Nullable JsonInput in) {
        return in == null ? null : new MountRequest.ImageOptions(in.text("Subpath"));
    }

    private static MountRequest.@Nullable TmpfsOptions tmpfs(
            @Nullable JsonInput in, ApiVersion version) {
        return in == null
                ? null
                : new MountRequest.TmpfsOptions(
                        in.number("SizeBytes"),
                        in.number("Mode"),
                        version.atLeast(46) ? in.rows("Options") : null);
    }

    static void write(Json out, MountRequest mount) {
        out.textIfAny("Type", mount.type())
                .textIfAny("Source", mount.source())
                .textIfAny("Target", mount.target())
                .flagIfTrue("ReadOnly", mount.readOnly())
                .textIfAny("Consistency", mount.consistency());
        MountRequest.BindOptions bind = mount.bind();
        if (bind != null) {
            out.object(
                    "BindOptions",
                    o ->
                            o.textIfAny("Propagation", bind.propagation())
                                    .flagIfTrue("NonRecursive", bind.nonRecursive())
                                    .flagIfTrue("CreateMountpoint", bind.createMountpoint())
                                    .flagIfTrue("ReadOnlyNonRecursive", bind.readOnlyNonRecursive())
                                    .flagIfTrue(
                                            "ReadOnlyForceRecursive",
                                            bind.readOnlyForceRecursive()));
        }
        MountRequest.VolumeOptions volume = mount.volume();
        if (volume != null) {
            out.object("VolumeOptions", o -> writeVolume(o, volume));
        }
        MountRequest.ImageOptions image = mount.image();
        if (image != null) {
            out.object("ImageOptions", o -> o.textIfAny("Subpath", image.subpath()));
        }
        MountRequest.TmpfsOptions tmpfs = mount.tmpfs();
        if (tmpfs != null) {
            out.object("TmpfsOptions", o -> writeTmpfs(o, tmpfs));
        }
    }

    private static void writeVolume(Json out, MountRequest.VolumeOptions volume) {
        out.flagIfTrue("NoCopy", volume.noCopy());
        Map<String, String> labels = volume.labels();
        if (labels != null && !labels.isEmpty()) {
            out.map("Labels", labels);
        }
        out.textIfAny("Subpath", volume.subpath());
        MountRequest.Driver driver = volume.driver();
        if (driver != null) {
            out.object(
                    "DriverConfig",
                    d -> {
                        d.textIfAny("Name", driver.name());
                        Map<String, String> options = driver.options();
                        if (options != null && !options.isEmpty()) {
                            d.map("Options", options);
                        }
                    });
        }
    }

    private static void writeTmpfs(Json out, MountRequest.TmpfsOptions tmpfs) {
        out.numberIfAny("SizeBytes", tmpfs.sizeBytes()).numberIfAny("Mode", tmpfs.mode());
        List<List<String>> options = tmpfs.options();
        if (options != null && !options.isEmpty()) {
            out.rows("Options", options);
        }
    }
}
