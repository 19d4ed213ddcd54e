package dev.corten.http;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Header lines in the order and letters in which they were sent or are to be sent. Names match
/// without regard to case. Immutable.
public final class Headers implements Iterable<Headers.Line> {
    private static final Headers NONE = new Headers(List.of());

    private final List<Line> lines;

    /// One header line.
    ///
    /// @throws IllegalArgumentException when name or value could end the line
    public record Line(String name, String value) {
        public Line {
            requireOneLine(name);
            requireOneLine(value);
        }

        private static void requireOneLine(String text) {
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c == '\r' || c == '\n' || c == 0) {
                    throw new IllegalArgumentException("line break in a header");
                }
            }
        }
    }

    private Headers(List<Line> lines) {
        this.lines = lines;
    }

    /// No lines at all.
    public static Headers none() {
        return NONE;
    }

    /// Names and values in turn.
    public static Headers of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("a header name without value");
        }
        var lines = new ArrayList<Line>(namesAndValues.length / 2);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            lines.add(new Line(namesAndValues[i], namesAndValues[i + 1]));
        }
        return new Headers(List.copyOf(lines));
    }

    static Headers copyOf(List<Line> lines) {
        return new Headers(List.copyOf(lines));
    }

    /// These lines and one more at the end.
    public Headers with(String name, String value) {
        var more = new ArrayList<>(lines);
        more.add(new Line(name, value));
        return new Headers(List.copyOf(more));
    }

    /// These lines and then those.
    public Headers with(Headers others) {
        var more = new ArrayList<>(lines);
        more.addAll(others.lines);
        return new Headers(List.copyOf(more));
    }

    /// The value of the first line of this name.
    public @Nullable String first(String name) {
        for (Line line : lines) {
            if (line.name().equalsIgnoreCase(name)) {
                return line.value();
            }
        }
        return null;
    }

    /// All values of this name, in order.
    public List<String> all(String name) {
        return lines.stream()
                .filter(line -> line.name().equalsIgnoreCase(name))
                .map(Line::value)
                .toList();
    }

    /// Whether a line has this name.
    public boolean has(String name) {
        return first(name) != null;
    }

    /// Whether the comma-separated values of this name contain the token, in any case.
    public boolean hasToken(String name, String token) {
        for (String value : all(name)) {
            for (String part : value.split(",", -1)) {
                if (part.strip().equalsIgnoreCase(token)) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public Iterator<Line> iterator() {
        return lines.iterator();
    }

    @Override
    public String toString() {
        return lines.toString();
    }
}
