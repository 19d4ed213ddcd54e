package dev.corten.cli.build.progress;

import dev.corten.cli.text.Instants;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What is known of one step of a build. Times are nanoseconds since 1970 by the daemon's clock.
final class Step {
    /// The last lines of a step that failed, which are shown once more at the end.
    private static final int LAST_LINES = 10;

    /// A line that is longer goes on in another one.
    private static final int LINE_MAX = 16 << 10;

    final String digest;
    String name = "";
    boolean cached;
    String error = "";

    /// When it began to work, and when it stopped: it may do so several times. Ends of what still
    /// goes on are [Instants#NONE].
    final TreeMap<Long, Long> spells = new TreeMap<>();

    final Map<String, Part> parts = new LinkedHashMap<>();
    final List<String> warnings = new ArrayList<>();

    /// Lines that a display has not shown yet.
    final ArrayDeque<String> fresh = new ArrayDeque<>();

    final ArrayDeque<String> last = new ArrayDeque<>();

    /// Whether the last line of [#last] has no end yet.
    boolean lineIsOpen;

    /// Something that a step does beside running: `transferring context:`.
    static final class Part {
        final String id;
        long current;
        long total;
        long timestamp;
        long started;
        long completed;

        /// Whether a display has not shown it like this yet.
        boolean isNew;

        Part(String id) {
            this.id = id;
        }

        boolean isCompleted() {
            return completed != Instants.NONE;
        }

        /// How long it has taken until it was last heard of; 0 if it has not begun.
        long nanos() {
            return started == Instants.NONE ? 0 : (isCompleted() ? completed : timestamp) - started;
        }
    }

    Step(String digest) {
        this.digest = digest;
    }

    boolean isStarted() {
        return !spells.isEmpty();
    }

    boolean isCompleted() {
        return isStarted() && spells.lastEntry().getValue() != Instants.NONE;
    }

    boolean isCanceled() {
        return error.endsWith("context canceled");
    }

    /// When it ended; only if it did.
    long end() {
        return spells.lastEntry().getValue();
    }

    /// How long it has worked, without the pauses.
    long nanos(long now) {
        long sum = 0;
        long until = Long.MIN_VALUE;
        for (var spell : spells.entrySet()) {
            long from = Math.max(spell.getKey(), until);
            long to = spell.getValue() == Instants.NONE ? now : spell.getValue();
            if (to > from) {
                sum += to - from;
                until = to;
            }
        }
        return sum;
    }

    /// Adds what it has written, each line with the second at which it came.
    void log(String text, long timestamp) {
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf('\n', start);
            boolean open = end < 0;
            String piece = text.substring(start, open ? text.length() : end);
            if (lineIsOpen) {
                append(fresh, piece);
                append(last, piece);
            } else {
                String line = since(timestamp) + " " + piece;
                fresh.add(line);
                last.add(line);
                if (last.size() > LAST_LINES) {
                    last.removeFirst();
                }
            }
            String shown = last.peekLast();
            lineIsOpen = open && (shown == null || shown.length() < LINE_MAX);
            start = open ? text.length() : end + 1;
        }
    }

    private static void append(ArrayDeque<String> lines, String piece) {
        String line = lines.pollLast();
        lines.add(line == null ? piece : line + piece);
    }

    private String since(long timestamp) {
        long nanos = isStarted() && timestamp != Instants.NONE ? timestamp - spells.lastKey() : 0;
        long seconds = nanos / 1_000_000_000L;
        return Figures.seconds(nanos, seconds < 10 ? 3 : seconds < 100 ? 2 : 1);
    }
}
