package dev.corten.cli.build.progress;

import dev.corten.cli.console.Output;
import dev.corten.cli.text.Instants;
import dev.corten.client.Json;
import dev.corten.model.RawText;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// All steps of a build, as far as the daemon has told of them.
final class Steps {
    private final Map<String, Step> byDigest = new LinkedHashMap<>();

    /// Those that have begun, in this order.
    private final List<Step> begun = new ArrayList<>();

    /// Those of which there is something new.
    final Set<Step> news = new LinkedHashSet<>();

    /// When the first one began by the daemon's clock; [Instants#NONE] if none did.
    long start = Instants.NONE;

    /// Hears what steps write as it comes, byte by byte.
    interface LogListener {
        void wrote(Step step, String text);
    }

    private final LogListener logs;

    Steps(LogListener logs) {
        this.logs = logs;
    }

    Collection<Step> all() {
        return byDigest.values();
    }

    List<Step> begun() {
        return begun;
    }

    void update(Json status) {
        for (Json vertex : status.get("vertexes").items()) {
            vertex(vertex);
        }
        for (Json each : status.get("statuses").items()) {
            Step step = byDigest.get(each.get("vertex").text(""));
            if (step != null) {
                part(step, each);
                news.add(step);
            }
        }
        for (Json each : status.get("warnings").items()) {
            Step step = byDigest.get(each.get("vertex").text(""));
            if (step != null) {
                step.warnings.add(decoded(each.get("short")));
                news.add(step);
            }
        }
        for (Json each : status.get("logs").items()) {
            Step step = byDigest.get(each.get("vertex").text(""));
            if (step != null) {
                String text = decoded(each.get("data"));
                step.log(text, time(each, "timestamp"));
                logs.wrote(step, text);
                news.add(step);
            }
        }
    }

    static String decoded(Json base64) {
        return RawText.decode(Base64.getDecoder().decode(base64.text("")));
    }

    static long time(Json object, String member) {
        return Instants.parse(object.get(member).text(""));
    }

    private void vertex(Json vertex) {
        String digest = vertex.get("digest").text("");
        Step step = byDigest.get(digest);
        if (step == null) {
            step = new Step(digest);
            byDigest.put(digest, step);
        }
        long started = time(vertex, "started");
        if (step.isStarted() && started == Instants.NONE) {
            return; // said once more without what we know already
        }
        step.name = vertex.get("name").text(step.name);
        step.cached = vertex.get("cached").isTrue();
        step.error = vertex.get("error").text("");
        if (started == Instants.NONE) {
            return;
        }
        if (start == Instants.NONE) {
            start = started;
        }
        if (!step.isStarted()) {
            begun.add(step);
        }
        step.spells.put(started, time(vertex, "completed"));
        news.add(step);
    }

    private static void part(Step step, Json status) {
        String id = status.get("id").text("");
        Step.Part part = step.parts.get(id);
        if (part == null) {
            part = new Step.Part(id);
            step.parts.put(id, part);
        }
        part.current = status.get("current").integer(0);
        part.total = status.get("total").integer(0);
        part.timestamp = time(status, "timestamp");
        part.started = time(status, "started");
        part.completed = time(status, "completed");
        part.isNew = true;
    }

    /// What those wrote last that failed.
    void printErrors(Output out) {
        for (Step step : begun) {
            if (!step.error.isEmpty() && !step.isCanceled()) {
                out.line("------").line(" > " + step.name + ":");
                step.last.forEach(out::line);
                out.line("------");
            }
        }
        out.flush();
    }
}
