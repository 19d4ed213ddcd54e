package dev.corten.store;

import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Every step that changes what is durable: the one seam between the engine and a crash.
///
/// A change is prepared under a temporary name, synced at its natural point, and becomes visible by
/// one rename. A test gives a [Gate] that throws at the n-th step and then opens the data root
/// anew: for every n the result must be the state before the change or the state after it, or
/// something that opening repairs.
///
/// Paths here are the data root's own names; what is inside images and containers never comes this
/// way. Thread-safe if the gate is.
public final class Durable {
    /// Sees each step before it happens.
    @FunctionalInterface
    public interface Gate {
        /// @param step what comes next, such as `rename repositories.json`
        void pass(String step) throws IOException;
    }

    /// Whether a step waits until the disk has it.
    public enum Sync {
        /// The file and its directory are on disk when the call returns.
        NOW,

        /// The content is on disk before the file has its name. The caller syncs the directory, of
        /// several files at once.
        CONTENT,

        /// Something later syncs the whole file system, or nothing is lost by a crash.
        LATER
    }

    private final Gate gate;

    /// Without a gate.
    public Durable() {
        this(step -> {});
    }

    public Durable(Gate gate) {
        this.gate = gate;
    }

    /// Replaces a file or makes it, all or nothing, readable by its owner only.
    public void write(Path file, byte[] content, Sync sync) throws IOException {
        Path temporary = temporary(file);
        step("write", file);
        try (var channel =
                FileChannel.open(
                        temporary,
                        Set.of(
                                StandardOpenOption.WRITE,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.TRUNCATE_EXISTING),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")))) {
            var bytes = java.nio.ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            if (sync != Sync.LATER) {
                step("sync", file);
                channel.force(true);
            }
        }
        rename(temporary, file);
        if (sync == Sync.NOW) {
            syncDirectory(parent(file));
        }
    }

    /// Gives a file or directory its name; a file of that name is replaced.
    public void rename(Path from, Path to) throws IOException {
        step("rename", to);
        java.nio.file.Files.move(
                from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /// Makes a directory with the mode 0710 minus the umask, and its missing parents.
    public void createDirectories(Path directory) throws IOException {
        if (!java.nio.file.Files.isDirectory(directory)) {
            step("create", directory);
            java.nio.file.Files.createDirectories(
                    directory,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx--x---")));
        }
    }

    public void symlink(Path link, Path target) throws IOException {
        step("link", link);
        java.nio.file.Files.createSymbolicLink(link, target);
    }

    /// Removes a file or an empty directory; that it is already gone is fine.
    public void delete(Path file) throws IOException {
        step("delete", file);
        java.nio.file.Files.deleteIfExists(file);
    }

    /// Waits until the names in a directory are on disk.
    public void syncDirectory(Path directory) throws IOException {
        step("sync", directory);
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /// Waits until everything that was written to the file system of [directory] is on disk
    /// (syncfs). Once per import; it also flushes what others wrote.
    public void syncFileSystem(Path directory) throws IOException {
        step("sync file system of", directory);
        try (var fd = FileCalls.openDirectory(directory.toString())) {
            FileData.syncfs(fd);
        }
    }

    /// A name beside [file] that listings ignore and that opening the store removes.
    public static Path temporary(Path file) {
        return file.resolveSibling("." + file.getFileName() + ".tmp");
    }

    private void step(String what, Path path) throws IOException {
        gate.pass(what + " " + path.getFileName());
    }

    private static Path parent(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException("the root is no file: " + file);
        }
        return parent;
    }
}
