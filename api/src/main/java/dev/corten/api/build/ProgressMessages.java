package dev.corten.api.build;

import dev.corten.api.wire.Json;
import dev.corten.build.check.Warning;
import dev.corten.build.graph.BuildPlan;
import dev.corten.build.graph.PlannedStage;
import dev.corten.build.graph.PlannedStep;
import dev.corten.build.solve.Vertex;
import dev.corten.engine.build.BuildObserver;
import dev.corten.engine.build.FailureText;
import dev.corten.model.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Tells the client how a build gets on, in the shape of BuildKit's status messages as buildx prints
/// them.
final class ProgressMessages implements BuildObserver {
    private static final String LOADING = "[internal] load build definition";
    private static final Base64.Encoder BASE64 = Base64.getEncoder();

    private final FrameConnection connection;
    private final Clock clock;

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock, as is all below.
    private final IdentityHashMap<Vertex, Shown> vertices = new IdentityHashMap<>();

    /// When parts of vertices have begun.
    private final Map<String, Instant> parts = new HashMap<>();

    private String dockerfileName = "";
    private byte[] dockerfile = {};
    private @Nullable Shown failed;
    private @Nullable Shown loading;

    /// A vertex as clients see it.
    private static final class Shown {
        private final String digest;
        private final String name;
        private final List<String> inputs;
        private volatile @Nullable Instant started;

        private Shown(String digest, String name, List<String> inputs) {
            this.digest = digest;
            this.name = name;
            this.inputs = inputs;
        }
    }

    ProgressMessages(FrameConnection connection, Clock clock) {
        this.connection = connection;
        this.clock = clock;
    }

    /// Says what is built, once that is known.
    void building(String fileName, byte[] file) {
        lock.lock();
        try {
            dockerfileName = fileName;
            dockerfile = file;
        } finally {
            lock.unlock();
        }
    }

    private void send(Consumer<Json> status) {
        tell(o -> o.object("status", status));
    }

    /// A client that is gone needs no messages: the connection has the build ended.
    private void tell(Consumer<Json> message) {
        try {
            connection.message(Json.escapedObject(message).toString());
        } catch (IOException clientLeft) {
            // the connection's reader has seen it too
        }
    }

    /// Inputs first.
    private Shown shown(Vertex vertex) {
        lock.lock();
        try {
            Shown known = vertices.get(vertex);
            if (known != null) {
                return known;
            }
            List<String> inputs =
                    vertex.inputs().stream().map(input -> shown(input).digest).toList();
            String text =
                    vertices.size()
                            + "\n"
                            + vertex.name()
                            + "\n"
                            + vertex.operation().definition()
                            + "\n"
                            + String.join("\n", inputs);
            String digest = Digest.of(text.getBytes(StandardCharsets.UTF_8)).toString();
            var shown = new Shown(digest, vertex.name(), inputs);
            vertices.put(vertex, shown);
            if (shown.name.startsWith(LOADING)) {
                loading = shown;
            }
            return shown;
        } finally {
            lock.unlock();
        }
    }

    private static void write(Json o, Shown vertex) {
        o.text("digest", vertex.digest).textsIfAny("inputs", vertex.inputs);
        o.text("name", vertex.name);
        Instant started = vertex.started;
        if (started != null) {
            o.time("started", started);
        }
    }

    @Override
    public void planned(BuildPlan plan) {
        var wanted = new ArrayList<Shown>();
        for (PlannedStage stage : plan.stages().reversed()) {
            for (PlannedStep step : stage.steps().reversed()) {
                step.vertex().ifPresent(vertex -> add(vertex, wanted));
            }
            stage.root().ifPresent(vertex -> add(vertex, wanted));
        }
        if (!wanted.isEmpty()) {
            send(o -> o.objects("vertexes", wanted, ProgressMessages::write));
        }
    }

    private void add(Vertex vertex, List<Shown> wanted) {
        Shown shown = shown(vertex);
        if (wanted.contains(shown)) {
            return;
        }
        wanted.add(shown);
        vertex.inputs().forEach(input -> add(input, wanted));
    }

    @Override
    public void begun(Vertex vertex) {
        Shown shown = shown(vertex);
        shown.started = clock.instant();
        send(o -> o.objects("vertexes", List.of(shown), ProgressMessages::write));
    }

    @Override
    public void ended(Vertex vertex, End end) {
        Shown shown = shown(vertex);
        if (end == End.FAILED) {
            // Why, the end of the build will say.
            lock.lock();
            try {
                failed = failed == null ? shown : failed;
            } finally {
                lock.unlock();
            }
            return;
        }
        end(shown, end == End.CACHED, end == End.CANCELED ? "context canceled" : "");
    }

    private void end(Shown shown, boolean cached, String error) {
        Instant now = clock.instant();
        send(o ->
                o.objects(
                        "vertexes",
                        List.of(shown),
                        (v, _) -> {
                            write(v, shown);
                            v.time("completed", now).flagIfTrue("cached", cached);
                            v.textIfAny("error", error);
                        }));
    }

    /// Says why the build has failed, at the vertex that did.
    void failed(String message) {
        Shown shown;
        lock.lock();
        try {
            shown = failed;
        } finally {
            lock.unlock();
        }
        if (shown != null) {
            // Only people who see nothing of the step have to know what it was about.
            boolean key = message.startsWith(FailureText.NO_KEY);
            end(shown, false, key ? message.substring(FailureText.NO_KEY.length()) : message);
        }
    }

    @Override
    public void wrote(Vertex vertex, int stream, byte[] bytes) {
        Shown shown = shown(vertex);
        Instant now = clock.instant();
        send(o ->
                o.objects(
                        "logs",
                        List.of(bytes),
                        (log, data) ->
                                log.text("vertex", shown.digest)
                                        .number("stream", stream)
                                        .text("data", BASE64.encodeToString(data))
                                        .time("timestamp", now)));
    }

    @Override
    public void progressed(Vertex vertex, String part, long current, long total, boolean done) {
        Shown shown = shown(vertex);
        Instant now = clock.instant();
        String key = shown.digest + part;
        Instant started;
        lock.lock();
        try {
            started = parts.computeIfAbsent(key, _ -> now);
            if (done) {
                parts.remove(key);
            }
        } finally {
            lock.unlock();
        }
        send(o ->
                o.objects(
                        "statuses",
                        List.of(part),
                        (status, id) -> {
                            status.text("id", id).text("vertex", shown.digest);
                            boolean sent = id.startsWith("transferring ");
                            if (sent) {
                                status.text("name", "transferring");
                            }
                            // The end of nothing takes two bytes too.
                            long bytes = sent && done ? Math.max(current, 2) : current;
                            status.numberIfAny("total", total).number("current", bytes);
                            status.time("timestamp", now).time("started", started);
                            if (done) {
                                status.time("completed", now);
                            }
                        }));
    }

    @Override
    public void warned(List<Warning> warnings) {
        if (warnings.isEmpty()) {
            return;
        }
        tell(o ->
                o.objects(
                        "checked",
                        warnings,
                        (w, warning) ->
                                w.text("rule", warning.rule().label())
                                        .text("url", warning.rule().url())
                                        .text("message", warning.message())
                                        .number("firstLine", warning.firstLine())
                                        .number("lastLine", warning.lastLine())));
        lock.lock();
        try {
            String vertex = loading == null ? "" : loading.digest;
            var source = new Source(vertex, dockerfileName, BASE64.encodeToString(dockerfile));
            warnings.forEach(warning -> write(warning, source));
        } finally {
            lock.unlock();
        }
    }

    /// Where warnings belong to.
    private record Source(String vertex, String name, String data) {}

    private void write(Warning warning, Source source) {
        send(o -> o.objects("warnings", List.of(warning), (w, each) -> write(w, each, source)));
    }

    private static void write(Json o, Warning warning, Source source) {
        String brief =
                warning.rule().label()
                        + ": "
                        + warning.message()
                        + " (line "
                        + warning.firstLine()
                        + ")";
        o.text("vertex", source.vertex())
                .number("level", 1)
                .text("short", base64(brief))
                .texts("detail", List.of(base64(warning.message())))
                .text("url", warning.rule().url())
                .object(
                        "sourceInfo",
                        s ->
                                s.text("filename", source.name())
                                        .text("data", source.data())
                                        .text("language", "Dockerfile"))
                .objects(
                        "range",
                        List.of(warning),
                        (range, lines) ->
                                range.object("start", p -> p.number("line", lines.firstLine()))
                                        .object("end", p -> p.number("line", lines.lastLine())));
    }

    private static String base64(String text) {
        return BASE64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void explained(Vertex vertex, String why) {
        Shown shown = shown(vertex);
        tell(o -> o.object("explain", e -> e.text("vertex", shown.digest).text("why", why)));
    }

    @Override
    public void exported(Digest imageId) {
        // The result says it.
    }
}
