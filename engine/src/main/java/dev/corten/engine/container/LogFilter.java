package dev.corten.engine.container;

import dev.corten.engine.log.LogEntry;
import dev.corten.engine.log.LogSink;
import java.io.IOException;
import java.time.Instant;

/// Passes on the entries that a [LogRequest] asks for.
final class LogFilter implements LogSink {
    /// Everything that was asked for has been given: ends a follower.
    static final class Done extends IOException {
        private static final long serialVersionUID = 1L;

        Done() {
            super("no later entry is wanted");
        }
    }

    private final LogRequest request;
    private final LogSink sink;
    private final boolean timed;

    LogFilter(LogRequest request, LogSink sink) {
        this.request = request;
        this.sink = sink;
        this.timed = request.since().isPresent() || request.until().isPresent();
    }

    @Override
    public void accept(LogEntry entry) throws IOException {
        if (timed) {
            Instant time = entry.instant();
            if (request.since().isPresent() && time.isBefore(request.since().get())) {
                return;
            }
            if (request.until().isPresent() && time.isAfter(request.until().get())) {
                if (request.follow()) {
                    throw new Done();
                }
                return;
            }
        }
        if (entry.stream() == 2 ? request.stderr() : request.stdout()) {
            sink.accept(entry);
        }
    }

    @Override
    public void flush() throws IOException {
        sink.flush();
    }
}
