package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.ApiVersion;
import dev.corten.api.wire.EventJson;
import dev.corten.api.wire.SystemJson;
import dev.corten.engine.event.Event;
import dev.corten.engine.event.Events;
import dev.corten.engine.system.SystemInfo;
import dev.corten.http.Headers;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// `_ping`, `version`, `info`, `events`.
final class SystemRoutes {
    private final Services services;
    private final ApiVersion oldest;

    SystemRoutes(Services services, ApiVersion oldest) {
        this.services = services;
        this.oldest = oldest;
    }

    List<Route> routes() {
        Kind kind = Kind.SYSTEM;
        return List.of(
                Route.get("/_ping", kind, Effect.READ, SystemRoutes::ping),
                Route.head("/_ping", kind, Effect.READ, this::firstPing),
                Route.get("/version", kind, Effect.READ, this::version),
                Route.get("/info", kind, Effect.READ, this::info),
                Route.get("/events", kind, Effect.READ, this::events),
                Route.get("/debug/threads", kind, Effect.READ, this::threads));
    }

    /// So the docker command line begins, some milliseconds before it says what it wants.
    private Response firstPing(Request request) {
        services.containers().expectClient();
        return ping(request);
    }

    static Response ping(Request request) {
        boolean head = request.exchange().method().equals("HEAD");
        return new Response.Whole(
                200,
                Headers.of(
                        "Builder-Version",
                        "1",
                        "Cache-Control",
                        "no-cache, no-store, must-revalidate",
                        "Content-Type",
                        "text/plain; charset=utf-8",
                        "Pragma",
                        "no-cache",
                        "Swarm",
                        "inactive"),
                head ? new byte[0] : "OK".getBytes(StandardCharsets.UTF_8));
    }

    private SystemJson.Build build() throws IOException {
        return new SystemJson.Build(
                EngineApi.DOCKER_VERSION,
                services.release(),
                Platform.host().architecture(),
                SystemInfo.kernelVersion(),
                oldest,
                services.system().configuration().experimental());
    }

    /// There in debug mode only, as dockerd's `/debug` is.
    private Response threads(Request request) throws IOException {
        if (!services.system().configuration().debug()) {
            throw new NotFound("page not found");
        }
        return new Response.Whole(
                200,
                Headers.of("Content-Type", "text/plain; charset=utf-8"),
                services.diagnostics().threads());
    }

    private Response version(Request request) throws IOException {
        return json(SystemJson.version(build()));
    }

    private Response info(Request request) throws IOException {
        return json(SystemJson.info(services.system().info(), build(), request.version()));
    }

    // ---- events --------------------------------------------------------------------------------

    private Response events(Request request) {
        Optional<Instant> since = StreamRoutes.UnixTime.parse(request.text("since"));
        Optional<Instant> until = StreamRoutes.UnixTime.parse(request.text("until"));
        if (since.isPresent() && until.isPresent() && since.get().isAfter(until.get())) {
            throw new InvalidParameter(
                    "`since` time ("
                            + request.text("since")
                            + ") cannot be after `until` time ("
                            + request.text("until")
                            + ")");
        }
        Predicate<Event> wanted = EventJson.filter(request.filters());
        Predicate<Event> inTime = event -> until.isEmpty() || !event.time().isAfter(until.get());
        request.exchange().interruptOnDisconnect();
        return new Response.Streamed(
                200,
                Headers.of("Content-Type", "application/json"),
                out -> {
                    try (var events = services.events().subscribe(since, wanted.and(inTime))) {
                        // After the subscription, so that who sees the head misses nothing.
                        out.flush();
                        send(events, until, out);
                    }
                });
    }

    private static void send(Events.Subscription events, Optional<Instant> until, OutputStream out)
            throws IOException, InterruptedException {
        while (true) {
            Optional<Event> event = events.next(until.orElse(null));
            if (event.isEmpty()) {
                return;
            }
            out.write(EventJson.write(event.get()).line());
            out.flush();
        }
    }
}
