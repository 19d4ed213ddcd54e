package dev.corten.engine.system;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Xattrs;
import dev.corten.kernel.mount.OverlayMount;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What the overlay can do on the data root's file system, found by trying, as `info` shows it.
///
/// @param typed whether directories tell the types of their entries
/// @param metacopy whether a change of a file's owner leaves its content in the lower layer
/// @param nativeDiff whether the upper directory is all that a layer is made of
record OverlayFacts(String backing, boolean typed, boolean metacopy, boolean nativeDiff) {
    private static final String NAME = ".check-overlay";
    private static final int DIRECTORY_MODE = 0700;
    private static final int FILE_MODE = 0600;

    /// Rows of `DriverStatus`.
    List<Map.Entry<String, String>> rows() {
        return List.of(
                Map.entry("Backing Filesystem", backing),
                Map.entry("Supports d_type", Boolean.toString(typed)),
                Map.entry("Using metacopy", Boolean.toString(metacopy)),
                Map.entry("Native Overlay Diff", Boolean.toString(nativeDiff)),
                Map.entry("userxattr", "false"));
    }

    /// Tries on a directory of its own below the data root, and removes it.
    static OverlayFacts of(Path dataRoot) throws IOException {
        try (Fd root = FileCalls.openDirectory(dataRoot.toString())) {
            // A daemon that was killed in the middle leaves it.
            Directories.deleteTree(root, NAME).orThrow();
            FileCalls.mkdir(root, NAME, DIRECTORY_MODE);
            try (Fd place = FileCalls.openDirectory(root, NAME)) {
                return tried(place, FileData.statfs(root).typeName());
            } finally {
                Directories.deleteTree(root, NAME).orThrow();
            }
        }
    }

    private static OverlayFacts tried(Fd place, String backing) throws IOException {
        for (String path :
                List.of("lower", "middle", "upper", "work", "lower/moved", "lower/d", "middle/d")) {
            FileCalls.mkdir(place, path, DIRECTORY_MODE);
        }
        create(place, "lower/file");
        boolean typed =
                Directories.list(place).stream()
                        .allMatch(entry -> entry.type() != DirectoryEntry.UNKNOWN);
        try (Fd lower = FileCalls.openDirectory(place, "lower");
                Fd middle = FileCalls.openDirectory(place, "middle");
                Fd upper = FileCalls.openDirectory(place, "upper");
                Fd work = FileCalls.openDirectory(place, "work")) {
            // An opaque directory in the middle must not make the one in the upper layer opaque.
            try (Fd opaque = FileCalls.openDirectory(middle, "d")) {
                Xattrs.set(
                        opaque,
                        "trusted.overlay.opaque",
                        "y".getBytes(StandardCharsets.US_ASCII),
                        0);
            }
            try (Fd merged =
                    OverlayMount.writable(List.of(middle, lower), upper, work, false).assemble(0)) {
                create(merged, "d/new");
                FileCalls.chmod(merged, "file", FILE_MODE | 0040);
                boolean renames = renames(merged);
                return new OverlayFacts(
                        backing,
                        typed,
                        has(upper, "file", "trusted.overlay.metacopy"),
                        !has(upper, "d", "trusted.overlay.opaque") && !renames);
            }
        }
    }

    private static void create(Fd directory, String path) throws IOException {
        int flags = FileCalls.O_WRONLY | FileCalls.O_CREAT | FileCalls.O_CLOEXEC;
        FileCalls.open(directory, path, flags, FILE_MODE).close();
    }

    /// Whether a directory of a lower layer can be renamed: then the upper one refers to it.
    private static boolean renames(Fd merged) throws IOException {
        try {
            FileCalls.rename(merged, "moved", merged, "renamed", 0);
            return true;
        } catch (Errno e) {
            if (e.is(Errno.EXDEV)) {
                return false;
            }
            throw e;
        }
    }

    private static boolean has(Fd directory, String name, String attribute) throws IOException {
        return Xattrs.get(directory, PathBytes.of(name), attribute).isPresent();
    }
}
