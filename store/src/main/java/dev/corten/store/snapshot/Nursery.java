package dev.corten.store.snapshot;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where new directories are filled, out of sight: `<n>/<name>` in a directory that is emptied when the
/// store is opened. They leave it by a rename.
///
/// Ext4 puts a file near its directory and a directory near its parent. Without a journal it does not
/// take an inode that was freed in the last minutes, and looks at all of those, one by one, for each
/// file that it makes: after some hundred layers came and went, that is most of what a layer costs. So
/// every sixty-four directories get a parent in another part of the disk, and what is made together
/// still lies together.
final class Nursery {
    private static final System.Logger LOG = System.getLogger(Nursery.class.getName());
    private static final int ROOM = 64;
    private static final int ATTEMPTS = 8;
    private static final String PREFIX = "n";
    private static final Pattern PARENT = Pattern.compile(PREFIX + "([0-9]{1,18})");

    private final Path directory;
    private final AtomicLong made = new AtomicLong();

    /// @param directory is there already
    Nursery(Path directory) {
        this.directory = directory;
    }

    /// Whether this is a parent of new directories, and not one of them.
    static boolean isParent(Path path) {
        return PARENT.matcher(path.getFileName().toString()).matches();
    }

    /// @throws IOException if it cannot be looked at
    void open() throws IOException {
        try (Fd fd = FileCalls.openDirectory(directory.toString())) {
            Directories.unrelated(fd);
        }
    }

    /// Makes a directory.
    ///
    /// @param name that no other new one has
    Path make(String name) throws IOException {
        long number = made.getAndIncrement() / ROOM;
        Path parent = parent(number);
        Path path = parent.resolve(name);
        for (int attempt = 1; ; attempt++) {
            try {
                return Files.createDirectory(path);
            } catch (NoSuchFileException e) {
                // The first in it; or somebody tidied up just now.
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                tidy(number);
                Files.createDirectories(parent);
            }
        }
    }

    private Path parent(long number) {
        return directory.resolve(PREFIX + number);
    }

    /// Removes earlier parents that are empty.
    private void tidy(long before) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path parent : entries) {
                Matcher name = PARENT.matcher(parent.getFileName().toString());
                if (name.matches() && Long.parseLong(name.group(1)) < before) {
                    removeIfEmpty(parent);
                }
            }
        }
    }

    private static void removeIfEmpty(Path parent) throws IOException {
        try {
            Files.deleteIfExists(parent);
        } catch (DirectoryNotEmptyException inUse) {
            LOG.log(System.Logger.Level.TRACE, () -> "still in use: " + parent, inUse);
        }
    }
}
