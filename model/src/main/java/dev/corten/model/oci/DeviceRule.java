package dev.corten.model.oci;

import java.util.OptionalLong;

/// One rule of the devices control group; a later rule wins.
///
/// @param type `a`, `b` or `c`
/// @param major absent: any
/// @param minor absent: any
/// @param access of `r`, `w` and `m`
public record DeviceRule(
        boolean allow, char type, OptionalLong major, OptionalLong minor, String access) {
    /// As the file `devices.allow` of cgroup v1 wants it: `c 1:3 rwm`.
    public String rule() {
        return type + " " + number(major) + ":" + number(minor) + " " + access;
    }

    private static String number(OptionalLong number) {
        return number.isPresent() ? Long.toString(number.getAsLong()) : "*";
    }
}
