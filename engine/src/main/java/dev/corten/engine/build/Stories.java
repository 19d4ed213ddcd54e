package dev.corten.engine.build;

import dev.corten.build.step.FileLists;
import dev.corten.model.Digest;
import dev.corten.store.Durable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// The stories of steps on disk, `builder/stories/<3 digits>`: there are never more than names for
/// them, and a new one may take the place of another step's. Thread-safe.
public final class Stories {
    private static final System.Logger LOG = System.getLogger(Stories.class.getName());
    private static final int DIGITS = 3;

    private final Path directory;
    private final Durable durable;
    private final FileLists lists;

    /// Covers the write of one file, as two steps may have the same.
    private final ReentrantLock lock = new ReentrantLock();

    public Stories(Path directory, Durable durable, FileLists lists) {
        this.directory = directory;
        this.durable = durable;
        this.lists = lists;
    }

    FileLists lists() {
        return lists;
    }

    private Path file(String key) {
        return directory.resolve(
                Digest.of(key.getBytes(StandardCharsets.UTF_8)).hex().substring(0, DIGITS));
    }

    Optional<Story> find(String key) {
        try {
            return Story.read(Files.readAllBytes(file(key)), key);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, () -> "cannot read what a step was: " + key, e);
            return Optional.empty();
        }
    }

    void write(Story story) {
        lock.lock();
        try {
            durable.createDirectories(directory);
            durable.write(file(story.key()), story.write(), Durable.Sync.LATER);
        } catch (IOException e) {
            // It is of use for people only.
            LOG.log(System.Logger.Level.WARNING, () -> "cannot note what a step is", e);
        } finally {
            lock.unlock();
        }
    }
}
