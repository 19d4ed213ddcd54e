package dev.corten.kernel.cgroup;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/// Files of the kernel with a name and a number in each line.
final class KeyedFile {
    private KeyedFile() {}

    static Map<String, Long> parse(String text) {
        var values = new LinkedHashMap<String, Long>();
        int start = 0;
        while (start < text.length()) {
            int newline = text.indexOf('\n', start);
            int end = newline < 0 ? text.length() : newline;
            int space = text.indexOf(' ', start);
            if (space > start && space < end) {
                values.put(text.substring(start, space), number(text.substring(space + 1, end)));
            }
            start = end + 1;
        }
        return values;
    }

    static Map<String, Long> read(Cgroup cgroup, String controller, String file)
            throws IOException {
        return parse(cgroup.get(controller, file).orElse(""));
    }

    static long value(Cgroup cgroup, String controller, String file) throws IOException {
        return number(cgroup.get(controller, file).orElse("0"));
    }

    /// `max` is [Long#MAX_VALUE], what is too large (unsigned) too.
    static long number(String text) {
        String stripped = text.strip();
        if (stripped.equals("max") || stripped.length() > 19) {
            return Long.MAX_VALUE;
        }
        if (stripped.isEmpty()) {
            return 0;
        }
        long value = Long.parseUnsignedLong(stripped);
        return value < 0 ? Long.MAX_VALUE : value;
    }
}
