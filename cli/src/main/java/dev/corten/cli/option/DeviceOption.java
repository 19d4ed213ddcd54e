package dev.corten.cli.option;

import dev.corten.cli.failure.Refusal;
import dev.corten.client.JsonWriter;

/// A value of `--device`: `path[:path inside][:permissions]`, or a name of the container device
/// interface.
public final class DeviceOption {
    private DeviceOption() {}

    public static void write(JsonWriter json, String given) {
        String[] parts = given.split(":", -1);
        String path = parts[0];
        String inside = path;
        String permissions = "rwm";
        if (parts.length > 3 || path.isEmpty()) {
            throw new Refusal("bad format for path: " + given);
        }
        if (parts.length > 1) {
            if (parts.length == 2 && isDeviceMode(parts[1])) {
                permissions = parts[1];
            } else {
                inside = parts[1];
            }
        }
        if (parts.length == 3) {
            permissions = parts[2];
            if (!isDeviceMode(permissions)) {
                throw new Refusal("bad mode specified: " + permissions);
            }
        }
        // A name of the container device interface, vendor/class=name, is not a path.
        boolean cdi = path.indexOf('=') > 0 && path.indexOf('/') > 0;
        if (!cdi && !inside.startsWith("/")) {
            throw new Refusal(inside + " is not an absolute path");
        }
        json.object().name("PathOnHost").value(path);
        json.name("PathInContainer").value(inside);
        json.name("CgroupPermissions").value(permissions).end();
    }

    private static boolean isDeviceMode(String mode) {
        boolean known = !mode.isEmpty() && mode.length() <= 3;
        for (int i = 0; i < mode.length() && known; i++) {
            known = "rwm".indexOf(mode.charAt(i)) >= 0 && mode.indexOf(mode.charAt(i)) == i;
        }
        return known;
    }
}
