package dev.corten.daemon;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// One event, one line, in logfmt: `time=… level=info msg="…" from=dev.corten…`.
final class LogFormat extends Formatter {
    /// Sends everything to standard error in this format.
    static void install(boolean debug) {
        LogManager.getLogManager().reset();
        var handler = new ConsoleHandler();
        handler.setFormatter(new LogFormat());
        handler.setLevel(Level.ALL);
        Logger root = Logger.getLogger("");
        root.addHandler(handler);
        root.setLevel(Level.INFO);
        Logger.getLogger("dev.corten").setLevel(debug ? Level.FINE : Level.INFO);
    }

    @Override
    public String format(LogRecord entry) {
        var line = new StringBuilder(160);
        line.append("time=")
                .append(Instant.ofEpochMilli(entry.getMillis()).truncatedTo(ChronoUnit.MILLIS))
                .append(" level=")
                .append(level(entry.getLevel()))
                .append(" msg=")
                .append(quoted(formatMessage(entry)));
        if (entry.getThrown() != null) {
            var trace = new StringWriter();
            entry.getThrown().printStackTrace(new PrintWriter(trace));
            boolean whole = entry.getLevel().intValue() >= Level.SEVERE.intValue();
            line.append(" error=")
                    .append(quoted(whole ? trace.toString() : entry.getThrown().toString()));
        }
        return line.append('\n').toString();
    }

    private static String level(Level level) {
        int value = level.intValue();
        if (value >= Level.SEVERE.intValue()) {
            return "error";
        }
        if (value >= Level.WARNING.intValue()) {
            return "warning";
        }
        return value >= Level.INFO.intValue() ? "info" : "debug";
    }

    private static String quoted(String text) {
        var quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                default -> quoted.append(c < ' ' ? '?' : c);
            }
        }
        return quoted.append('"').toString();
    }
}
