package dev.corten.model.oci;

import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import java.util.List;

/// One mount.
///
/// @param destination absolute, inside the container
/// @param type the file system, `bind`, or `""` for a bind given by its options
/// @param source a device, a path of the host for a bind, or a name
/// @param options as `mount -o` knows them: flags, propagation and the file system's own
public record Mount(PathBytes destination, String type, PathBytes source, List<String> options) {
    public Mount {
        options = List.copyOf(options);
        if (!destination.isAbsolute()) {
            throw new InvalidParameter(
                    "invalid mount path: '" + destination + "' mount path must be absolute");
        }
    }

    public Mount(String destination, String type, String source, List<String> options) {
        this(PathBytes.of(destination), type, PathBytes.of(source), options);
    }

    /// Whether it shows an existing tree instead of making a file system.
    public boolean isBind() {
        return type.equals("bind") || options.contains("bind") || options.contains("rbind");
    }
}
