package dev.corten.archive;

import dev.corten.model.PathBytes;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// One member of an archive, without its data.
///
/// @param name as written, `../` and leading slashes included, a directory's final slash too
/// @param mode permission bits with setuid, setgid and sticky: 0 to 07777
/// @param size bytes of a regular file with its holes; 0 for everything else
/// @param linkTarget of a hard link (a member's name) or symbolic link; empty for everything else
/// @param xattrs values are bytes; do not change them
/// @param extents where a sparse file has data, in order; empty for a file without holes
public record TarEntry(
        PathBytes name,
        Kind kind,
        int mode,
        long uid,
        long gid,
        Instant mtime,
        long size,
        PathBytes linkTarget,
        int deviceMajor,
        int deviceMinor,
        Map<PathBytes, byte[]> xattrs,
        List<Extent> extents) {
    private static final PathBytes NONE = PathBytes.of("");

    /// What a member is; sockets have no place in tar.
    public enum Kind {
        FILE,
        HARD_LINK,
        SYMLINK,
        CHARACTER_DEVICE,
        BLOCK_DEVICE,
        DIRECTORY,
        FIFO
    }

    /// A run of data in a sparse file.
    public record Extent(long offset, long length) {}

    public TarEntry {
        if ((mode & ~07777) != 0) {
            throw new IllegalArgumentException(
                    "not permission bits: " + Integer.toOctalString(mode));
        }
        xattrs = xattrs.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(xattrs));
        extents = List.copyOf(extents);
    }

    /// A regular file of root's at the epoch.
    public static TarEntry file(String name, int mode, long size) {
        return plain(PathBytes.of(name), Kind.FILE, mode, size, NONE);
    }

    /// A directory of root's at the epoch.
    public static TarEntry directory(String name, int mode) {
        return plain(PathBytes.of(name), Kind.DIRECTORY, mode, 0, NONE);
    }

    public static TarEntry symlink(String name, String target) {
        return plain(PathBytes.of(name), Kind.SYMLINK, 0777, 0, PathBytes.of(target));
    }

    public static TarEntry hardLink(String name, String target) {
        return plain(PathBytes.of(name), Kind.HARD_LINK, 0644, 0, PathBytes.of(target));
    }

    public static TarEntry fifo(String name, int mode) {
        return plain(PathBytes.of(name), Kind.FIFO, mode, 0, NONE);
    }

    /// @param kind one of the two device types
    public static TarEntry device(String name, Kind kind, int mode, int major, int minor) {
        return new TarEntry(
                PathBytes.of(name),
                kind,
                mode,
                0,
                0,
                Instant.EPOCH,
                0,
                NONE,
                major,
                minor,
                Map.of(),
                List.of());
    }

    private static TarEntry plain(
            PathBytes name, Kind kind, int mode, long size, PathBytes linkTarget) {
        return new TarEntry(
                name, kind, mode, 0, 0, Instant.EPOCH, size, linkTarget, 0, 0, Map.of(), List.of());
    }

    public TarEntry withName(PathBytes newName) {
        return new TarEntry(
                newName,
                kind,
                mode,
                uid,
                gid,
                mtime,
                size,
                linkTarget,
                deviceMajor,
                deviceMinor,
                xattrs,
                extents);
    }

    public TarEntry withTime(Instant newTime) {
        return new TarEntry(
                name,
                kind,
                mode,
                uid,
                gid,
                newTime,
                size,
                linkTarget,
                deviceMajor,
                deviceMinor,
                xattrs,
                extents);
    }

    public TarEntry withOwner(long newUid, long newGid) {
        return new TarEntry(
                name,
                kind,
                mode,
                newUid,
                newGid,
                mtime,
                size,
                linkTarget,
                deviceMajor,
                deviceMinor,
                xattrs,
                extents);
    }

    public TarEntry withMtime(Instant newMtime) {
        return new TarEntry(
                name,
                kind,
                mode,
                uid,
                gid,
                newMtime,
                size,
                linkTarget,
                deviceMajor,
                deviceMinor,
                xattrs,
                extents);
    }

    public TarEntry withXattrs(Map<PathBytes, byte[]> newXattrs) {
        return new TarEntry(
                name,
                kind,
                mode,
                uid,
                gid,
                mtime,
                size,
                linkTarget,
                deviceMajor,
                deviceMinor,
                newXattrs,
                extents);
    }
}
