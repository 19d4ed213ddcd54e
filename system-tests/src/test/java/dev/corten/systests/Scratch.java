package dev.corten.systests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A folder for as long as a test or a class of tests needs it.
record Scratch(Path path) implements AutoCloseable {
    static Scratch folder(String prefix) {
        try {
            return new Scratch(Files.createTempDirectory(prefix));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path file(String name) {
        return path.resolve(name);
    }

    @Override
    public void close() {
        Running.run("rm", "-rf", "--one-file-system", path.toString()).ok();
    }
}
