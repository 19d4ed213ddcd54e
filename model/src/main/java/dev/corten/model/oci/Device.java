package dev.corten.model.oci;

import dev.corten.model.PathBytes;

/// A device node to make in the container.
///
/// @param type `c`, `b` or `p`, as mknod(1) knows them
/// @param mode permission bits
public record Device(PathBytes path, char type, int major, int minor, int mode, int uid, int gid) {
    /// One of root's.
    public Device(String path, char type, int major, int minor, int mode) {
        this(PathBytes.of(path), type, major, minor, mode, 0, 0);
    }
}
