package dev.corten.engine.volume;

import dev.corten.archive.unpack.Attributes;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.store.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Fills an empty volume with what the image has at its place: contents, owner, mode.
///
/// All is copied beside the volume first, into `.filling`; with the rename to `.filled` it is
/// decided, and then moved name by name. A daemon that dies before starts over, one that dies
/// afterwards is finished by the next: never is a volume taken for full that is half filled. The
/// directory `_data` itself stays the same, since a container may have it already.
final class CopyUp {
    private static final String FILLING = ".filling";
    private static final String FILLED = ".filled";

    private final Durable durable;

    CopyUp(Durable durable) {
        this.durable = durable;
    }

    /// @param from what the image has, open for reading
    /// @param volume the volume's directory
    /// @param sync whether a crash of the machine may lose what was copied
    void fill(Fd from, Path volume, Durable.Sync sync) throws IOException {
        try (Fd data = open(volume.resolve(VolumeDirectory.DATA))) {
            if (!Directories.list(data).isEmpty()) {
                return;
            }
            if (Directories.list(from).isEmpty()) {
                Attributes.copy(from, data);
                return;
            }
        }
        Path filling = volume.resolve(FILLING);
        try {
            durable.createDirectories(filling);
            boolean anyData;
            try (Fd to = open(filling)) {
                anyData = TreeCopy.copy(from, to);
            }
            if (anyData && sync == Durable.Sync.NOW) {
                durable.syncFileSystem(filling);
            }
            durable.rename(filling, volume.resolve(FILLED));
        } catch (IOException | RuntimeException e) {
            try {
                Directories.deleteTree(Fd.CWD, filling.toString()).orThrow();
            } catch (IOException leftover) {
                e.addSuppressed(leftover);
            }
            throw e;
        }
        move(volume);
    }

    /// As [#fill] for a volume that lies on a file system of its own: nothing can be moved there.
    static void fillMounted(Fd from, Fd data) throws IOException {
        if (Directories.list(data).isEmpty()) {
            TreeCopy.copy(from, data);
        }
    }

    /// Goes on with what an earlier daemon had begun.
    void finish(Path volume) throws IOException {
        if (Files.exists(volume.resolve(FILLING))) {
            Directories.deleteTree(Fd.CWD, volume.resolve(FILLING).toString()).orThrow();
        }
        if (Files.exists(volume.resolve(FILLED))) {
            move(volume);
        }
    }

    private void move(Path volume) throws IOException {
        try (Fd from = open(volume.resolve(FILLED));
                Fd to = open(volume.resolve(VolumeDirectory.DATA))) {
            for (DirectoryEntry entry : Directories.list(from)) {
                try {
                    FileCalls.rename(
                            from, entry.name(), to, entry.name(), FileCalls.RENAME_NOREPLACE);
                } catch (Errno e) {
                    if (!e.is(Errno.EEXIST)) {
                        throw e;
                    }
                    // A container that runs was faster: what it has made is its own.
                }
            }
            Attributes.copy(from, to);
        }
        Path filled = volume.resolve(FILLED);
        Directories.deleteTree(Fd.CWD, filled.toString()).orThrow();
        durable.delete(filled);
    }

    private static Fd open(Path directory) throws Errno {
        return FileCalls.open(
                directory.toString(),
                FileCalls.O_RDONLY
                        | FileCalls.O_DIRECTORY
                        | FileCalls.O_NOFOLLOW
                        | FileCalls.O_CLOEXEC);
    }
}
