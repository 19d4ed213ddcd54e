package dev.corten.cli.build.progress;

import dev.corten.cli.console.Console;
import dev.corten.cli.console.Output;
import dev.corten.cli.text.Instants;
import dev.corten.client.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A table that is drawn anew as the build gets on: a line for each step with the time it takes, and
/// below those that run what they wrote last.
public final class TerminalDisplay implements Display {
    private static final long SECOND = 1_000_000_000L;

    /// More often than this nothing is drawn.
    private static final long PERIOD = SECOND / 10;

    private static final int USUAL_COLUMNS = 80;
    private static final int USUAL_ROWS = 10;

    /// Rows that the last lines of a step take at most.
    private static final int LOG_ROWS = 6;

    /// What stands before such a line.
    private static final int LOG_MARGIN = 10;

    /// Less is no name of a step any more.
    private static final int NAME_MIN = 12;

    private static final String BLUE = "\033[34m";
    private static final String RED = "\033[31m";
    private static final String YELLOW = "\033[33m";
    private static final String FAINT = "\033[2m";
    private static final String RESET = "\033[0m";

    private final Output out;
    private final String title;
    private final boolean colours;
    private final Supplier<Console.Size> window;
    private final LongSupplier clock;
    private final Steps steps = new Steps(this::wrote);
    private final Map<Step, TerminalLines> logs = new HashMap<>();
    private final Map<Step, Integer> wrote = new HashMap<>();
    private final long start;
    private int columns = USUAL_COLUMNS;
    private int rows = USUAL_ROWS;
    private int drawn;
    private boolean repeated;
    private long next = Long.MIN_VALUE;

    /// What to add to times of the daemon to get ours.
    private long ahead;

    private boolean aheadIsKnown;

    /// A line of the table.
    ///
    /// @param nanos how long it takes or took
    /// @param colour once it has ended; empty for none
    /// @param log of a step that runs; null for nothing
    private record Line(
            String name,
            String status,
            long nanos,
            boolean runs,
            String colour,
            @Nullable Step log) {}

    /// @param title at the right of the first line
    /// @param clock nanoseconds since 1970
    public TerminalDisplay(
            Output out,
            String title,
            boolean colours,
            Supplier<Console.Size> window,
            LongSupplier clock) {
        this.out = out;
        this.title = title;
        this.colours = colours;
        this.window = window;
        this.clock = clock;
        this.start = clock.getAsLong();
        measure();
    }

    private void measure() {
        Console.Size size = window.get();
        boolean known = size.columns() > 0 && size.rows() > 0;
        columns = known ? size.columns() : USUAL_COLUMNS;
        rows = known ? size.rows() : USUAL_ROWS;
    }

    private void wrote(Step step, String text) {
        logs.computeIfAbsent(step, s -> new TerminalLines(columns - LOG_MARGIN)).write(text);
        wrote.merge(step, text.length(), Integer::sum);
    }

    @Override
    public void update(Json status) {
        steps.update(status);
        for (Step step : steps.all()) {
            step.fresh.clear();
        }
        steps.news.clear();
        long now = clock.getAsLong();
        if (!aheadIsKnown && steps.start != Instants.NONE) {
            ahead = now - steps.start;
            aheadIsKnown = true;
        }
        if (now >= next) {
            next = now + PERIOD;
            refresh();
        }
    }

    @Override
    public void refresh() {
        draw(false);
    }

    @Override
    public void finish() {
        draw(true);
        steps.printErrors(out);
    }

    private void draw(boolean all) {
        measure();
        long now = clock.getAsLong() - ahead;
        List<Line> lines = lines(now);
        List<Step> withLog = logsShown(lines);
        if (!all) {
            int hidden = 0;
            for (Step step : withLog) {
                hidden += log(step).size();
            }
            lines = fitting(lines, rows - 2 - hidden);
        }
        up(drawn + (repeated ? 1 : 0));
        repeated = true;
        out.print("\033[?25l");
        head(all);
        int count = 0;
        for (Line line : lines) {
            if (line(line)) {
                count++;
                if (line.log() != null && withLog.contains(line.log())) {
                    for (String text : log(line.log())) {
                        out.print(colours ? FAINT : "");
                        out.print(" => => # " + text + "\n" + (colours ? RESET : ""));
                        count++;
                    }
                }
            }
        }
        int less = drawn - count;
        for (int i = 0; i < less; i++) {
            out.line(" ".repeat(columns));
        }
        up(less);
        drawn = count;
        out.print("\033[?25h").flush();
    }

    private void up(int lines) {
        for (int i = 0; i < lines; i++) {
            out.print("\033[1A");
        }
        out.print("\r");
    }

    private void head(boolean all) {
        int ended = 0;
        for (Step step : steps.all()) {
            ended += step.isCompleted() ? 1 : 0;
        }
        int total = steps.all().size();
        long nanos = clock.getAsLong() - (aheadIsKnown ? steps.start + ahead : start);
        String text =
                "[+] Building " + Figures.seconds(nanos, 1) + "s (" + ended + "/" + total + ") ";
        text += all && ended > 0 && ended == total ? "FINISHED" : "";
        out.line(cut(aligned(text, title, columns - 1), columns));
    }

    /// [left], and [right] at the end of a line of this width.
    private static String aligned(String left, String right, int width) {
        var line = new StringBuilder(left);
        int missing = width - length(right) - 1 - length(left);
        line.repeat(' ', Math.max(0, missing)).append(' ');
        return line.append(right).toString();
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static String cut(String text, int width) {
        return length(text) > width
                ? text.substring(0, text.offsetByCodePoints(0, Math.max(0, width)))
                : text;
    }

    /// @return whether there was room for it
    private boolean line(Line line) {
        long nanos = line.nanos() < SECOND / 20 ? 0 : line.nanos();
        String timer = Figures.seconds(nanos, 1) + "s";
        String prefix = " => ";
        int left = columns - prefix.length() - timer.length() - 3;
        boolean withStatus = !line.status().isEmpty() && left + line.status().length() > 20;
        left -= withStatus ? line.status().length() + 1 : 0;
        if (left < NAME_MIN) {
            return false;
        }
        String text = prefix + cut(line.name(), left) + (withStatus ? " " + line.status() : "");
        text = aligned(text, timer, columns - 1) + "\n";
        boolean coloured = colours && !line.runs() && !line.colour().isEmpty();
        out.print(coloured ? line.colour() + text + RESET : text);
        return true;
    }

    private List<Line> lines(long now) {
        var lines = new ArrayList<Line>();
        for (Step step : steps.begun()) {
            String name = step.name.replace('\t', ' ');
            String colour = BLUE;
            if (step.isCanceled()) {
                name = "CANCELED " + name;
                colour = YELLOW;
            } else if (!step.error.isEmpty()) {
                name = "ERROR " + name;
                colour = RED;
            }
            name = step.cached ? "CACHED " + name : name;
            boolean runs = !step.isCompleted();
            lines.add(new Line(name, "", step.nanos(now), runs, colour, step));
            for (Step.Part part : step.parts.values()) {
                if (part.started == Instants.NONE) {
                    continue;
                }
                long nanos = (part.isCompleted() ? part.completed : now) - part.started;
                String status = Figures.progress(part.current, part.total);
                lines.add(
                        new Line("=> " + part.id, status, nanos, !part.isCompleted(), BLUE, null));
            }
            for (String warning : step.warnings) {
                // It takes as long as its step did the last time.
                long from = step.spells.lastKey();
                long until = runs ? now : step.end();
                lines.add(new Line("WARN: " + warning, "", until - from, true, "", null));
            }
        }
        return lines;
    }

    private List<String> log(Step step) {
        TerminalLines log = logs.get(step);
        if (log == null) {
            return List.of();
        }
        log.resize(columns - LOG_MARGIN);
        return log.lines();
    }

    /// The running steps whose last lines there is room for, those that wrote most first.
    private List<Step> logsShown(List<Line> lines) {
        var candidates = new ArrayList<Step>();
        int running = 0;
        for (Line line : lines) {
            if (line.runs() && line.log() != null && wrote.containsKey(line.log())) {
                candidates.add(line.log());
            }
            running += line.runs() ? 1 : 0;
        }
        candidates.sort((a, b) -> Integer.compare(lettersOf(b), lettersOf(a)));
        int free = rows - 2 - running;
        var shown = new ArrayList<Step>();
        for (Step step : candidates) {
            if (free <= LOG_ROWS + 3) {
                break;
            }
            shown.add(step);
            free -= LOG_ROWS + 3;
        }
        return shown;
    }

    private int lettersOf(Step step) {
        return wrote.getOrDefault(step, 0);
    }

    /// As many of the last lines as fit, but none that has ended before one that still runs.
    private static List<Line> fitting(List<Line> lines, int limit) {
        if (limit < 0) {
            return List.of();
        }
        int excess = lines.size() - limit;
        if (excess <= 0) {
            return lines;
        }
        var shown = new ArrayList<>(lines);
        for (int i = 0; i < shown.size() && excess > 0; ) {
            if (shown.get(i).runs()) {
                i++;
            } else {
                shown.remove(i);
                excess--;
            }
        }
        return shown.size() > limit ? shown.subList(shown.size() - limit, shown.size()) : shown;
    }
}
