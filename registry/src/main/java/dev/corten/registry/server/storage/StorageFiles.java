package dev.corten.registry.server.storage;

import dev.corten.store.Durable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// How files of the tree come, change and go. Other processes do the same at the same time: what
/// has just been there may be gone, and directories that look empty may be removed.
///
/// [Durable] is for a tree of one process: here names of temporary files differ, and modes are what
/// the umask leaves, so that another server under another user can share the tree.
public final class StorageFiles {
    private static final int RETRIES = 100;

    /// A collection that has not decided by then is dead.
    private static final Duration DECISION = Duration.ofSeconds(1);

    private final Layout layout;
    private final Durable.Gate gate;

    StorageFiles(Layout layout, Durable.Gate gate) {
        this.layout = layout;
        this.gate = gate;
    }

    /// Replaces a file or makes it, all or nothing; it is on disk when the call returns.
    public void write(Path file, byte[] content) throws IOException {
        Path temporary = newTemporary();
        boolean moved = false;
        try {
            step("write", file);
            try (var channel =
                    FileChannel.open(
                            temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                var bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                step("sync", file);
                channel.force(true);
            }
            move(temporary, file);
            moved = true;
        } finally {
            if (!moved) {
                Files.deleteIfExists(temporary);
            }
        }
    }

    /// A name for a file that is on its way.
    public Path newTemporary() throws IOException {
        Files.createDirectories(layout.temporaries());
        return layout.temporaries().resolve(UUID.randomUUID().toString());
    }

    /// Gives a file its name, and makes the directories above.
    ///
    /// @throws NoSuchFileException if there is no such file
    public void move(Path from, Path to) throws IOException {
        for (int attempt = 0; ; attempt++) {
            Files.createDirectories(parent(to));
            step("rename", to);
            try {
                Files.move(
                        from,
                        to,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
                return;
            } catch (NoSuchFileException e) {
                // The directory may have gone, which is worth another attempt.
                if (attempt == RETRIES || !Files.exists(from)) {
                    throw e;
                }
            }
        }
    }

    /// Makes an empty file and the directories above it.
    void create(Path file) throws IOException {
        Files.createDirectories(parent(file));
        step("create", file);
        Files.createFile(file);
    }

    /// Replaces a file that may be lost in a crash.
    void writeLoosely(Path file, byte[] content) throws IOException {
        Files.createDirectories(parent(file));
        step("write", file);
        Files.write(file, content);
    }

    /// The content of a short file, empty if it is not there.
    static Optional<byte[]> read(Path file) throws IOException {
        try {
            return Optional.of(Files.readAllBytes(file));
        } catch (NoSuchFileException | NotDirectoryException _) {
            return Optional.empty();
        }
    }

    /// When it was last written or touched; empty if it is not there.
    public static Optional<Instant> modified(Path file) throws IOException {
        try {
            return Optional.of(Files.getLastModifiedTime(file).toInstant());
        } catch (NoSuchFileException | NotDirectoryException _) {
            return Optional.empty();
        }
    }

    /// Whether it is there, or will be again in a moment.
    boolean exists(Path file) throws IOException {
        return Files.exists(file) || isPutBack(file);
    }

    /// Says by a file's time that it was relied on just now, so that the collection leaves it alone;
    /// false if it is not there.
    boolean hold(Path file) throws IOException {
        return isHeld(file) || isPutBack(file) && isHeld(file);
    }

    /// A touch may reach a file that the collection has moved aside since its name was looked up, too
    /// late for the decision: it only counts if the file is in its place afterwards.
    private static boolean isHeld(Path file) throws IOException {
        return touch(file) && Files.exists(file);
    }

    /// As [#hold], unless that was said a moment ago.
    boolean use(Path file, Duration moment) throws IOException {
        Optional<Instant> modified = modified(file);
        boolean fresh = modified.isPresent() && modified.get().isAfter(Instant.now().minus(moment));
        return fresh || hold(file);
    }

    /// A collection may have moved a file aside, to decide about it undisturbed: says that somebody
    /// wants it, waits for the decision, and tells whether it is there now.
    private boolean isPutBack(Path file) throws IOException {
        Path aside = layout.trash(file);
        if (touch(aside)) {
            long end = System.nanoTime() + DECISION.toNanos();
            while (Files.exists(aside) && System.nanoTime() < end) {
                try {
                    // The collection may be another process, so that there is nothing to be told
                    // by.
                    Thread.sleep(Duration.ofMillis(1));
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("interrupted while waiting for " + file);
                }
            }
        }
        return Files.exists(file);
    }

    private static boolean touch(Path file) throws IOException {
        try {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            return true;
        } catch (NoSuchFileException | NotDirectoryException _) {
            return false;
        }
    }

    /// Removes a file or an empty directory; that it is already gone is fine.
    ///
    /// @return whether it was there
    public boolean delete(Path file) throws IOException {
        step("delete", file);
        try {
            return Files.deleteIfExists(file);
        } catch (NotDirectoryException _) {
            return false;
        }
    }

    /// Removes a directory if nothing is in it.
    public void deleteIfEmpty(Path directory) throws IOException {
        try {
            delete(directory);
        } catch (DirectoryNotEmptyException _) {
            // Somebody needs it.
        }
    }

    /// Removes a directory with all that is in it: its name goes first, so that nobody sees a part.
    ///
    /// @return whether it was there
    public boolean deleteTree(Path directory) throws IOException {
        Path temporary = newTemporary();
        step("rename", directory);
        try {
            Files.move(directory, temporary, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException | NotDirectoryException _) {
            return false;
        }
        removeAll(temporary);
        return true;
    }

    /// Removes what processes that have ended left on their way.
    void removeTemporariesBefore(Instant time) throws IOException {
        for (String name : names(layout.temporaries())) {
            Path file = layout.temporaries().resolve(name);
            Optional<Instant> modified = modified(file);
            if (modified.isPresent() && modified.get().isBefore(time)) {
                removeAll(file);
            }
        }
    }

    private static void removeAll(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.deleteIfExists(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path directory, @org.jspecify.annotations.Nullable IOException failure)
                            throws IOException {
                        Files.deleteIfExists(directory);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    /// The names in a directory, sorted; none if it is not there.
    public static List<String> names(Path directory) throws IOException {
        var names = new ArrayList<String>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                names.add(entry.getFileName().toString());
            }
        } catch (NoSuchFileException | NotDirectoryException _) {
            return List.of();
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
        names.sort(null);
        return names;
    }

    void step(String what, Path path) throws IOException {
        gate.pass(what + " " + path.getFileName());
    }

    static Path parent(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException("the root is no file: " + file);
        }
        return parent;
    }
}
