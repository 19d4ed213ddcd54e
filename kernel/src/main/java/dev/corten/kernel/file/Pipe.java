package dev.corten.kernel.file;

import dev.corten.kernel.Fd;

/// Both ends of a pipe; closing this closes those that were not given away.
public record Pipe(Fd reader, Fd writer) implements AutoCloseable {
    @Override
    public void close() {
        reader.close();
        writer.close();
    }
}
