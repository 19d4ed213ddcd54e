package dev.corten.registry.server;

import dev.corten.registry.server.settings.ServerSettings;
import dev.corten.store.document.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// The server's own log, on standard error: one event, one line, as `time=… level=info msg="…"` or
/// as an object of JSON.
final class ServerLog extends Formatter {
    private final boolean json;
    private final Map<String, String> fields;

    private ServerLog(boolean json, Map<String, String> fields) {
        this.json = json;
        this.fields = fields;
    }

    static void install(ServerSettings.Log settings) {
        LogManager.getLogManager().reset();
        var handler = new ConsoleHandler();
        boolean json = !settings.formatter().equals("text");
        handler.setFormatter(new ServerLog(json, settings.fields()));
        handler.setLevel(Level.ALL);
        Logger root = Logger.getLogger("");
        root.addHandler(handler);
        root.setLevel(Level.INFO);
        Logger.getLogger("dev.corten").setLevel(threshold(settings.level()));
    }

    private static Level threshold(String level) {
        return switch (level.toLowerCase(Locale.ROOT)) {
            case "trace", "debug" -> Level.FINE;
            case "warn", "warning" -> Level.WARNING;
            case "error", "fatal", "panic" -> Level.SEVERE;
            default -> Level.INFO;
        };
    }

    @Override
    public String format(LogRecord entry) {
        var parts = new LinkedHashMap<String, String>();
        parts.put("time", Instant.ofEpochMilli(entry.getMillis()).toString());
        parts.put("level", level(entry.getLevel()));
        parts.put("msg", formatMessage(entry));
        if (entry.getThrown() != null) {
            parts.put("error", entry.getThrown().toString());
        }
        parts.putAll(fields);
        if (json) {
            return Json.MAPPER.writeValueAsString(parts) + "\n";
        }
        var line = new StringBuilder(160);
        parts.forEach((name, value) -> {
            line.append(line.isEmpty() ? "" : " ").append(name).append('=');
            line.append(name.equals("level") ? value : Json.MAPPER.writeValueAsString(value));
        });
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
}
