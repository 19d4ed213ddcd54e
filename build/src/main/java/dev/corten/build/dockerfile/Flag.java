package dev.corten.build.dockerfile;

import org.jspecify.annotations.Nullable;

/// An option of an instruction: `--name=value` or `--name`.
///
/// @param value null if there is no `=`
public record Flag(String name, @Nullable String value, Position position) {
    @Override
    public String toString() {
        return "--" + name + (value == null ? "" : "=" + value);
    }
}
