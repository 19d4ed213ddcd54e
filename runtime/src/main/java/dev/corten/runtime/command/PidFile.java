package dev.corten.runtime.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The file in which callers find a process.
final class PidFile {
    private PidFile() {}

    static void write(Path file, int pid) throws IOException {
        Place.replace(file, Integer.toString(pid).getBytes(StandardCharsets.US_ASCII));
    }
}
