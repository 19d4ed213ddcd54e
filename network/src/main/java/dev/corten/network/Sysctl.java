package dev.corten.network;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A kernel parameter below `/proc/sys`; those of `net` are those of the calling thread's network
/// namespace.
record Sysctl(String name) {
    private static final Path ROOT = Path.of("/proc/sys");
    private static final int MAX_BYTES = 4096;

    /// Reads it in one `read`: many parameters have nothing to say to a second one, and
    /// `Files.readString` asks for the first byte alone where a file has no size.
    String read() throws IOException {
        try (var file = new FileInputStream(path().toFile())) {
            byte[] bytes = new byte[MAX_BYTES];
            int length = Math.max(0, file.read(bytes));
            return new String(bytes, 0, length, StandardCharsets.US_ASCII).trim();
        }
    }

    void write(String value) throws IOException {
        Files.writeString(path(), value);
    }

    boolean exists() {
        return Files.exists(path());
    }

    Path path() {
        return ROOT.resolve(name);
    }
}
