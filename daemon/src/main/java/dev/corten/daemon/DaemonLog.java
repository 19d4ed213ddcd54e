package dev.corten.daemon;

import dev.corten.daemon.settings.Options;
import dev.corten.daemon.settings.Settings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// The daemon's own log, on standard error: one event, one line, as `time=… level=info msg="…"` or as
/// an object of JSON.
final class DaemonLog extends Formatter {
    private final boolean json;

    private DaemonLog(boolean json) {
        this.json = json;
    }

    /// Sends everything to standard error in the form that the settings ask for.
    static void install(Settings settings) {
        LogManager.getLogManager().reset();
        var handler = new ConsoleHandler();
        handler.setFormatter(new DaemonLog(settings.get(Options.LOG_FORMAT).equals("json")));
        handler.setLevel(Level.ALL);
        Logger root = Logger.getLogger("");
        root.addHandler(handler);
        root.setLevel(Level.INFO);
        level(settings.get(Options.DEBUG), settings.get(Options.LOG_LEVEL));
    }

    /// @param debug more than the level, as with dockerd
    static void level(boolean debug, String level) {
        Logger.getLogger("dev.corten")
                .setLevel(debug ? Level.FINE : threshold(level.toLowerCase(Locale.ROOT)));
    }

    private static Level threshold(String level) {
        return switch (level) {
            case "trace", "debug" -> Level.FINE;
            case "warn" -> Level.WARNING;
            case "error", "fatal", "panic" -> Level.SEVERE;
            default -> Level.INFO;
        };
    }

    @Override
    public String format(LogRecord entry) {
        String time = Instant.ofEpochMilli(entry.getMillis()).toString();
        String level = level(entry.getLevel());
        String message = formatMessage(entry);
        String error = entry.getThrown() == null ? "" : error(entry);
        var line = new StringBuilder(160);
        if (json) {
            line.append('{');
            if (!error.isEmpty()) {
                line.append("\"error\":").append(quoted(error)).append(',');
            }
            return line.append("\"level\":")
                    .append(quoted(level))
                    .append(",\"msg\":")
                    .append(quoted(message))
                    .append(",\"time\":")
                    .append(quoted(time))
                    .append("}\n")
                    .toString();
        }
        line.append("time=").append(quoted(time)).append(" level=").append(level);
        line.append(" msg=").append(quoted(message));
        if (!error.isEmpty()) {
            line.append(" error=").append(quoted(error));
        }
        return line.append('\n').toString();
    }

    private static String error(LogRecord entry) {
        Throwable thrown = entry.getThrown();
        if (entry.getLevel().intValue() < Level.SEVERE.intValue()) {
            return thrown.toString();
        }
        var trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        return trace.toString();
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

    /// As a string of JSON.
    static String quoted(String text) {
        var quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (c < ' ' || Character.isSurrogate(c)) {
                        escape(quoted, c);
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }

    private static void escape(StringBuilder to, char c) {
        to.append("\\u").append(HexFormat.of().toHexDigits(c));
    }
}
