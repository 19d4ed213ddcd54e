package dev.corten.cli.option;

import dev.corten.cli.failure.Refusal;
import dev.corten.cli.text.Quantity;
import dev.corten.client.JsonWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/// The value of `--mount`: `type=bind,source=/a,target=/b,readonly`.
public final class MountOption {
    private String type = "volume";
    private String source = "";
    private String target = "";
    private boolean readOnly;
    private String consistency = "";
    private String propagation = "";
    private String recursive = "";
    private boolean createMountpoint;
    private boolean bindOptions;
    private boolean volumeOptions;
    private boolean noCopy;
    private String volumeSubpath = "";
    private String volumeDriver = "";
    private final Map<String, String> volumeLabels = new LinkedHashMap<>();
    private final Map<String, String> volumeDriverOptions = new LinkedHashMap<>();
    private boolean tmpfsOptions;
    private long tmpfsBytes = -1;
    private long tmpfsMode = -1;
    private String imageSubpath = "";

    private MountOption() {}

    /// Why the value is refused; empty if it is not.
    public static String refusal(String value) {
        try {
            parse(value);
            return "";
        } catch (Refusal e) {
            return e.message();
        }
    }

    /// @throws Refusal in Docker's words
    public static MountOption parse(String value) {
        var mount = new MountOption();
        for (String field : Fields.of(value)) {
            int equals = field.indexOf('=');
            String key =
                    (equals < 0 ? field : field.substring(0, equals))
                            .toLowerCase(java.util.Locale.ROOT);
            if (equals < 0) {
                mount.setSwitch(key, field);
            } else {
                mount.set(key, field.substring(equals + 1), field);
            }
        }
        mount.check();
        return mount;
    }

    private void setSwitch(String key, String field) {
        switch (key) {
            case "readonly", "ro" -> readOnly = true;
            case "volume-nocopy" -> {
                noCopy = true;
                volumeOptions = true;
            }
            case "bind-nonrecursive" -> {
                recursive = "disabled";
                bindOptions = true;
            }
            case "bind-create-src" -> {
                createMountpoint = true;
                bindOptions = true;
            }
            default -> throw new Refusal("invalid field '" + field + "' must be a key=value pair");
        }
    }

    private void set(String key, String value, String field) {
        switch (key) {
            case "type" -> type = value.toLowerCase(java.util.Locale.ROOT);
            case "source", "src" -> source = value;
            case "target", "dst", "destination" -> target = value;
            case "readonly", "ro" -> readOnly = bool(key, value);
            case "consistency" -> consistency = value.toLowerCase(java.util.Locale.ROOT);
            case "bind-propagation" -> {
                propagation = value.toLowerCase(java.util.Locale.ROOT);
                bindOptions = true;
            }
            case "bind-nonrecursive" -> {
                recursive = bool(key, value) ? "disabled" : "";
                bindOptions = true;
            }
            case "bind-recursive" -> {
                recursive = value;
                bindOptions = true;
            }
            case "bind-create-src" -> {
                createMountpoint = bool(key, value);
                bindOptions = true;
            }
            case "volume-subpath" -> {
                volumeSubpath = value;
                volumeOptions = true;
            }
            case "volume-nocopy" -> {
                noCopy = bool(key, value);
                volumeOptions = true;
            }
            case "volume-label" -> {
                put(volumeLabels, value);
                volumeOptions = true;
            }
            case "volume-driver" -> {
                volumeDriver = value;
                volumeOptions = true;
            }
            case "volume-opt" -> {
                put(volumeDriverOptions, value);
                volumeOptions = true;
            }
            case "image-subpath" -> imageSubpath = value;
            case "tmpfs-size" -> {
                tmpfsBytes = Quantity.parseBytes(value);
                tmpfsOptions = true;
                if (tmpfsBytes < 0) {
                    throw new Refusal("invalid value for " + key + ": " + value);
                }
            }
            case "tmpfs-mode" -> {
                tmpfsOptions = true;
                try {
                    tmpfsMode = Long.parseLong(value, 8);
                } catch (NumberFormatException e) {
                    throw new Refusal("invalid value for " + key + ": " + value);
                }
            }
            default -> throw new Refusal("unexpected key '" + key + "' in '" + field + "'");
        }
    }

    private void check() {
        if (type.isEmpty()) {
            throw new Refusal("type is required");
        }
        if (target.isEmpty()) {
            throw new Refusal("target is required");
        }
        only("volume", volumeOptions, "volume-*");
        only("bind", bindOptions, "bind-*");
        only("tmpfs", tmpfsOptions, "tmpfs-*");
        only("image", !imageSubpath.isEmpty(), "image-*");
        switch (recursive) {
            case "", "enabled", "disabled" -> {}
            case "writable" -> requireReadOnly();
            case "readonly" -> {
                requireReadOnly();
                if (!propagation.equals("rprivate")) {
                    throw new Refusal(
                            "option 'bind-recursive=readonly' requires"
                                    + " 'bind-propagation=rprivate' to be specified in"
                                    + " conjunction");
                }
            }
            default ->
                    throw new Refusal(
                            "invalid value for bind-recursive: "
                                    + recursive
                                    + " (must be \"enabled\", \"disabled\", \"writable\", or"
                                    + " \"readonly\")");
        }
    }

    private void requireReadOnly() {
        if (!readOnly) {
            throw new Refusal(
                    "option 'bind-recursive="
                            + recursive
                            + "' requires 'readonly' to be specified in conjunction");
        }
    }

    private void only(String kind, boolean given, String options) {
        if (given && !type.equals(kind)) {
            throw new Refusal(
                    "cannot mix '" + options + "' options with mount type '" + type + "'");
        }
    }

    private static boolean bool(String key, String value) {
        if (!Scalars.isBool(value)) {
            throw new Refusal("invalid value for " + key + ": " + value);
        }
        return Scalars.isTrue(value);
    }

    private static void put(Map<String, String> map, String pair) {
        int equals = pair.indexOf('=');
        map.put(
                equals < 0 ? pair : pair.substring(0, equals),
                equals < 0 ? "" : pair.substring(equals + 1));
    }

    public void write(JsonWriter json) {
        json.object().name("Type").value(type);
        if (!source.isEmpty()) {
            json.name("Source").value(source);
        }
        json.name("Target").value(target);
        if (readOnly) {
            json.name("ReadOnly").value(true);
        }
        if (!consistency.isEmpty()) {
            json.name("Consistency").value(consistency);
        }
        if (bindOptions) {
            json.name("BindOptions").object();
            if (!propagation.isEmpty()) {
                json.name("Propagation").value(propagation);
            }
            if (recursive.equals("disabled")) {
                json.name("NonRecursive").value(true);
            }
            if (createMountpoint) {
                json.name("CreateMountpoint").value(true);
            }
            if (recursive.equals("writable")) {
                json.name("ReadOnlyNonRecursive").value(true);
            }
            if (recursive.equals("readonly")) {
                json.name("ReadOnlyForceRecursive").value(true);
            }
            json.end();
        }
        if (volumeOptions) {
            writeVolumeOptions(json);
        }
        if (!imageSubpath.isEmpty()) {
            json.name("ImageOptions").object().name("Subpath").value(imageSubpath).end();
        }
        if (tmpfsOptions) {
            json.name("TmpfsOptions").object();
            if (tmpfsBytes > 0) {
                json.name("SizeBytes").value(tmpfsBytes);
            }
            if (tmpfsMode > 0) {
                json.name("Mode").value(tmpfsMode);
            }
            json.end();
        }
        json.end();
    }

    private void writeVolumeOptions(JsonWriter json) {
        json.name("VolumeOptions").object();
        if (noCopy) {
            json.name("NoCopy").value(true);
        }
        if (!volumeLabels.isEmpty()) {
            json.name("Labels").values(volumeLabels);
        }
        if (!volumeSubpath.isEmpty()) {
            json.name("Subpath").value(volumeSubpath);
        }
        if (!volumeDriver.isEmpty() || !volumeDriverOptions.isEmpty()) {
            json.name("DriverConfig").object();
            if (!volumeDriver.isEmpty()) {
                json.name("Name").value(volumeDriver);
            }
            if (!volumeDriverOptions.isEmpty()) {
                json.name("Options").values(volumeDriverOptions);
            }
            json.end();
        }
        json.end();
    }
}
