package dev.corten.build.cache;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;

/// What is written of something that is kept: lines of a word and its value.
///
/// @param description one line
/// @param uses its making included
record CacheRecord(String description, Instant created, Instant lastUsed, int uses) {
    private static final String FORMAT = "1";
    private static final int MAX_DESCRIPTION = 1024;

    CacheRecord {
        description = line(description);
    }

    static CacheRecord made(String description, Instant now) {
        return new CacheRecord(description, now, now, 1);
    }

    CacheRecord used(Instant when, int more) {
        return new CacheRecord(
                description,
                created,
                when.isAfter(lastUsed) ? when : lastUsed,
                (int) Math.min(Integer.MAX_VALUE, (long) uses + more));
    }

    private static String line(String text) {
        String one = text.replace('\n', ' ').replace('\r', ' ').strip();
        return one.length() <= MAX_DESCRIPTION ? one : one.substring(0, MAX_DESCRIPTION);
    }

    byte[] write() {
        String text =
                "format "
                        + FORMAT
                        + "\ncreated "
                        + created
                        + "\nused "
                        + lastUsed
                        + "\nuses "
                        + uses
                        + "\ndescription "
                        + description
                        + "\n";
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// @throws IOException if it is not what was written
    static CacheRecord read(byte[] bytes) throws IOException {
        var values = new HashMap<String, String>();
        for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n", -1)) {
            int space = line.indexOf(' ');
            if (space > 0) {
                values.put(line.substring(0, space), line.substring(space + 1));
            }
        }
        if (!FORMAT.equals(values.get("format"))) {
            throw new IOException("damaged record of a build");
        }
        try {
            return new CacheRecord(
                    values.getOrDefault("description", ""),
                    Instant.parse(values.getOrDefault("created", "")),
                    Instant.parse(values.getOrDefault("used", "")),
                    Integer.parseInt(values.getOrDefault("uses", "")));
        } catch (DateTimeException | NumberFormatException e) {
            throw new IOException("damaged record of a build: " + e.getMessage(), e);
        }
    }
}
