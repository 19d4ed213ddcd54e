package dev.corten.cli.build.progress;

import dev.corten.cli.console.Output;
import dev.corten.client.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Lines for a log: `#5 [a 2/3] RUN ...`, `#5 0.205 text`, `#5 DONE 0.2s`. Of the steps that run at
/// the same time one is shown until it ends or has been shown long enough.
public final class PlainDisplay implements Display {
    private static final long SECOND = 1_000_000_000L;

    /// More often than this nothing is shown.
    private static final long PERIOD = SECOND / 10;

    /// How long a step stays the one that is shown, at least.
    private static final long TURN = 5 * SECOND;

    /// How long one with news waits at most.
    private static final long WAIT_MAX = 10 * SECOND;

    /// What is under way is said again after this time or this share.
    private static final long PART_PERIOD = 5 * SECOND;

    private static final double PART_SHARE = 0.05;

    private final Output out;
    private final String title;
    private final LongSupplier clock;
    private final Steps steps = new Steps((step, text) -> {});
    private final Map<Step, Shown> shown = new HashMap<>();
    private int numbers;
    private @Nullable Step current;
    private boolean begun;
    private long next = Long.MIN_VALUE;

    /// What was shown of a step.
    private static final class Shown {
        /// 0 until it is shown for the first time.
        int number;

        /// How much it had to say since [#since].
        int news;

        long since;

        /// The letters that were written of a line that has no end yet.
        int openLetters;

        int warnings;
        final Map<String, PartShown> parts = new HashMap<>();
    }

    private record PartShown(long current, long timestamp) {}

    /// @param title said before the first step
    /// @param clock nanoseconds, from wherever
    public PlainDisplay(Output out, String title, LongSupplier clock) {
        this.out = out;
        this.title = title;
        this.clock = clock;
    }

    @Override
    public void update(Json status) {
        steps.update(status);
        long now = clock.getAsLong();
        for (Step step : steps.news) {
            Shown of = shown(step);
            if (of.news == 0) {
                of.since = now;
            }
            of.news++;
        }
        if (now >= next) {
            next = now + PERIOD;
            refresh();
        }
    }

    private Shown shown(Step step) {
        return shown.computeIfAbsent(step, s -> new Shown());
    }

    @Override
    public void refresh() {
        showNews();
        out.flush();
    }

    @Override
    public void finish() {
        refresh();
        steps.printErrors(out);
    }

    private void showNews() {
        Step before = current;
        boolean currentEnded = before != null && before.isCompleted() && has(before);
        if (before != null && currentEnded) {
            show(before);
        }
        var ended = new ArrayList<Step>();
        for (Step step : steps.news) {
            if (step.isCompleted()) {
                ended.add(step);
            }
        }
        ended.sort((a, b) -> Long.compare(a.end(), b.end()));
        ended.forEach(this::show);
        List<Step> running = new ArrayList<>();
        for (Step step : steps.news) {
            if (step.isStarted()) {
                running.add(step);
            }
        }
        if (running.isEmpty()) {
            if (before == null || before.isCompleted()) {
                showAnyRunning();
            }
            return;
        }
        if (before != null && has(before)) {
            show(before);
        }
        if (before != null && !currentEnded && !running.contains(before)) {
            running.add(before);
        }
        long now = clock.getAsLong();
        Step busiest = busiest(running, now);
        if (before == null || currentEnded) {
            show(busiest);
            return;
        }
        for (Step step : running) {
            if (isOverdue(step, now)) {
                show(step);
                return;
            }
        }
        if (hasHadItsTurn(before, running, now)) {
            show(busiest);
        }
    }

    private boolean has(Step step) {
        return steps.news.contains(step);
    }

    private void showAnyRunning() {
        for (Step step : steps.begun()) {
            if (!step.isCompleted()) {
                show(step);
                return;
            }
        }
    }

    private boolean isOverdue(Step step, long now) {
        return step != current && now - shown(step).since > WAIT_MAX;
    }

    private double speed(Step step, long now) {
        Shown of = shown(step);
        return of.news / Math.max(1e-9, (now - of.since) / 1e9);
    }

    private Step busiest(List<Step> running, long now) {
        Step best = running.getFirst();
        for (Step step : running) {
            if (isOverdue(step, now) || speed(step, now) > speed(best, now)) {
                best = step;
            }
        }
        return best;
    }

    /// The more of all news is its own, the longer it stays.
    private boolean hasHadItsTurn(Step step, List<Step> running, long now) {
        double sum = 0;
        for (Step each : running) {
            sum += speed(each, now);
        }
        double others = sum == 0 ? 1 : 1 - speed(step, now) / sum;
        return others > 0 && TURN / others < now - shown(step).since;
    }

    private void show(Step step) {
        Shown of = shown(step);
        if (of.number == 0) {
            of.number = ++numbers;
        }
        if (step != current) {
            begin(step, of);
        }
        current = step;
        parts(step, of);
        for (; of.warnings < step.warnings.size(); of.warnings++) {
            out.line("#" + of.number + " WARN: " + step.warnings.get(of.warnings));
        }
        lines(step, of);
        if (step.isCompleted()) {
            end(step, of);
        }
        steps.news.remove(step);
    }

    private void begin(Step step, Shown of) {
        if (current != null) {
            Shown old = shown(current);
            if (old.openLetters > 0) {
                out.line("");
            }
            old.openLetters = 0;
            old.news = 0;
            out.line("#" + old.number + " ...");
        }
        if (begun) {
            out.line("");
        } else if (!title.isEmpty()) {
            out.line("#0 " + title).line("");
        }
        begun = true;
        out.line("#" + of.number + " " + step.name);
    }

    private void parts(Step step, Shown of) {
        for (Step.Part part : step.parts.values()) {
            if (!part.isNew) {
                continue;
            }
            part.isNew = false;
            PartShown last = of.parts.get(part.id);
            if (last != null && !part.isCompleted()) {
                double share =
                        part.total > 0 ? (part.current - last.current()) / (double) part.total : 0;
                boolean recent = part.timestamp - last.timestamp() < PART_PERIOD;
                if (share < PART_SHARE && recent) {
                    continue;
                }
            }
            of.parts.put(part.id, new PartShown(part.current, part.timestamp));
            var line = new StringBuilder("#" + of.number + " " + part.id);
            String progress = Figures.progress(part.current, part.total);
            line.append(progress.isEmpty() ? "" : " ").append(progress);
            if (part.nanos() > SECOND / 100) {
                line.append(' ').append(Figures.seconds(part.nanos(), 1)).append('s');
            }
            out.line(line.append(part.isCompleted() ? " done" : "").toString());
        }
    }

    private void lines(Step step, Shown of) {
        while (!step.fresh.isEmpty()) {
            String line = step.fresh.peekFirst();
            boolean open = step.fresh.size() == 1 && step.lineIsOpen;
            out.print(of.openLetters > 0 ? "" : "#" + of.number + " ");
            out.print(line.substring(of.openLetters));
            if (open && !step.isCompleted()) {
                of.openLetters = line.length();
                return; // its rest will be added to it
            }
            step.fresh.removeFirst();
            of.openLetters = 0;
            out.line("");
        }
    }

    private void end(Step step, Shown of) {
        current = null;
        of.news = 0;
        String how;
        if (step.isCanceled()) {
            how = "CANCELED";
        } else if (!step.error.isEmpty()) {
            how = "ERROR: " + step.error;
        } else if (step.cached) {
            how = "CACHED";
        } else {
            how = "DONE " + Figures.seconds(step.nanos(step.end()), 1) + "s";
        }
        out.line("#" + of.number + " " + how);
    }
}
