package dev.corten.registry.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.corten.http.Exchange;
import dev.corten.registry.server.protocol.RequestLog;
import java.io.PrintStream;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// One line each request, in Apache's combined form.
final class AccessLog implements RequestLog {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT);

    private final PrintStream out;

    AccessLog(PrintStream out) {
        this.out = out;
    }

    @Override
    public void answered(
            Exchange request, String handler, String user, int status, long bytes, Duration taken) {
        String remote = request.remote();
        int colon = remote.lastIndexOf(':');
        String query = request.rawQuery().isEmpty() ? "" : "?" + request.rawQuery();
        String line =
                (colon < 0 ? remote : remote.substring(0, colon))
                        + " - "
                        + (user.isEmpty() ? "-" : quoted(user))
                        + " ["
                        + TIME.format(OffsetDateTime.now(ZoneOffset.UTC))
                        + "] \""
                        + quoted(request.method() + " " + request.rawPath() + query)
                        + " "
                        + request.protocol()
                        + "\" "
                        + status
                        + " "
                        + bytes
                        + " \""
                        + header(request, "Referer")
                        + "\" \""
                        + header(request, "User-Agent")
                        + "\"\n";
        byte[] encoded = line.getBytes(UTF_8);
        // One write: lines of requests that end together stay whole.
        out.write(encoded, 0, encoded.length);
        out.flush();
    }

    private static String header(Exchange request, String name) {
        String value = request.headers().first(name);
        return value == null ? "" : quoted(value);
    }

    /// Nothing that a client sends begins a line of its own.
    private static String quoted(String text) {
        var quoted = new StringBuilder(text.length());
        text.chars()
                .forEach(c -> {
                    if (c == '"' || c == '\\') {
                        quoted.append('\\').append((char) c);
                    } else if (c < ' ' || c == 0x7f) {
                        quoted.append("\\x").append("%02x".formatted(c));
                    } else {
                        quoted.append((char) c);
                    }
                });
        return quoted.toString();
    }
}
