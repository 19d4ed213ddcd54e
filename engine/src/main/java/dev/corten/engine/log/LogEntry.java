package dev.corten.engine.log;

import java.time.Instant;

/// One entry of a log: a line, or a part of a long one.
///
/// @param stream 1 stdout, 2 stderr
/// @param time as the file has it, RFC 3339 in UTC
/// @param data with the newline if there was one
public record LogEntry(int stream, String time, byte[] data) {
    public Instant instant() {
        return Instant.parse(time);
    }
}
