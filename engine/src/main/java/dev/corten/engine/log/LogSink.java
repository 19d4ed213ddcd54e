package dev.corten.engine.log;

import java.io.IOException;

/// Takes entries in order.
@FunctionalInterface
public interface LogSink {
    /// @throws IOException if the reader is gone: reading ends
    void accept(LogEntry entry) throws IOException;

    /// All that is there now has been given; more may come later.
    default void flush() throws IOException {}
}
