package dev.corten.runtime.command;

import dev.corten.runtime.bundle.Document;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The lines that callers read: logrus's two formats.
///
/// @param file absent: standard error
record Log(Optional<Path> file, boolean json, PrintStream err) {
    /// An error that ends the command.
    void error(String message) {
        line("error", message);
        if (file.isPresent()) {
            err.println(message);
        }
    }

    private void line(String level, String message) {
        String time =
                OffsetDateTime.now(ZoneId.systemDefault())
                        .truncatedTo(ChronoUnit.SECONDS)
                        .format(DateTimeFormatter.ISO_OFFSET_DATE_TIME);
        String line;
        if (json) {
            var fields = new LinkedHashMap<String, @Nullable Object>();
            fields.put("level", level);
            fields.put("msg", message);
            fields.put("time", time);
            line = new String(Document.write(fields), StandardCharsets.UTF_8);
        } else {
            String quoted = new String(Document.write(message), StandardCharsets.UTF_8);
            line = "time=\"" + time + "\" level=" + level + " msg=" + quoted;
        }
        if (file.isEmpty()) {
            err.println(line);
            return;
        }
        try {
            Files.writeString(
                    file.get(), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            err.println(line);
        }
    }
}
