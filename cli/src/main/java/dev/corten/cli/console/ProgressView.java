package dev.corten.cli.console;

import dev.corten.cli.failure.Refusal;
import dev.corten.cli.text.Quantity;
import dev.corten.client.Json;
import dev.corten.client.JsonReader;
import dev.corten.client.Response;
import java.io.IOException;
import java.util.HashMap;

/// Shows the messages of a long operation: a line each, and on a terminal a line for each thing that
/// is under way, drawn anew as it gets on.
public final class ProgressView {
    private static final int BAR = 50;

    /// A narrower terminal has no room for bars.
    private static final int COLUMNS_MIN = 111;

    private static final String CLEAR_LINE = "\033[2K";

    private final Output out;
    private final boolean terminal;
    private final int columns;

    /// The lines of what is under way, from the top.
    private final HashMap<String, Integer> lines = new HashMap<>();

    /// @param terminal whether [out] is one
    /// @param columns of the terminal
    public ProgressView(Output out, boolean terminal, int columns) {
        this.out = out;
        this.terminal = terminal;
        this.columns = columns;
    }

    /// Reads to the end.
    ///
    /// @param quiet whether nothing is shown but an error
    /// @throws Refusal with the daemon's words when the operation ends in an error
    public void show(Response response, boolean quiet) throws IOException {
        var messages = new JsonReader(response.body());
        for (Json message = messages.next(); message != null; message = messages.next()) {
            String error = message.get("errorDetail").get("message").text("");
            if (error.isEmpty()) {
                error = message.get("error").text("");
            }
            if (!error.isEmpty()) {
                throw new Refusal(error);
            }
            if (!quiet) {
                show(message);
                out.flush();
            }
        }
    }

    private void show(Json message) {
        String id = message.get("id").text("");
        boolean counts = !message.get("progressDetail").isNothing();
        if (!terminal) {
            // Bars are for terminals; what passes by in a log is only noise.
            if (bar(message.get("progressDetail")).isEmpty()) {
                print(message, id);
            }
            return;
        }
        if (id.isEmpty() || !counts) {
            lines.clear();
            print(message, id);
            return;
        }
        Integer line = lines.get(id);
        if (line == null) {
            line = lines.size();
            lines.put(id, line);
            out.print("\n");
        }
        int up = lines.size() - line;
        out.print("\033[" + up + "A" + CLEAR_LINE + "\r");
        out.print(id + ": " + message.get("status").text(""));
        out.print(" " + bar(message.get("progressDetail")) + "\r\033[" + up + "B");
    }

    private void print(Json message, String id) {
        String stream = message.get("stream").text("");
        if (!stream.isEmpty()) {
            out.print(stream);
            return;
        }
        String status = message.get("status").text("");
        if (status.isEmpty()) {
            return;
        }
        out.line(id.isEmpty() ? status : id + ": " + status);
    }

    /// `[=====>      ]  1.2MB/3.4MB`
    private String bar(Json detail) {
        long current = detail.get("current").integer(0);
        long total = detail.get("total").integer(0);
        if (current <= 0 && total <= 0) {
            return "";
        }
        if (total <= 0) {
            return padded(Quantity.size(current, 4), 8);
        }
        var text = new StringBuilder();
        if (columns >= COLUMNS_MIN) {
            int done = (int) Math.min(BAR, current * BAR / total);
            text.append('[').repeat('=', done).append('>');
            text.repeat(' ', BAR - done).append("] ");
        }
        if (current <= total) {
            text.append(padded(Quantity.size(current, 4), 8)).append('/');
            text.append(Quantity.size(total, 4));
        } else {
            text.append(padded(Quantity.size(current, 4), 8));
        }
        return text.toString();
    }

    private static String padded(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }
}
