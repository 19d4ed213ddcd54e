package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.StatsJson;
import dev.corten.engine.container.Statistics;
import dev.corten.http.Headers;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.util.List;

/// `/containers/{name}/stats`.
final class StatsRoutes {
    private final Statistics statistics;

    StatsRoutes(Services services) {
        this.statistics = services.statistics();
    }

    List<Route> routes() {
        return List.of(
                Route.get("/containers/{name}/stats", Kind.CONTAINER, Effect.READ, this::stats));
    }

    private Response stats(Request request) throws IOException, InterruptedException {
        boolean stream = request.flag("stream", true);
        boolean once = request.version().atLeast(41) && request.flag("one-shot");
        if (stream && once) {
            throw new InvalidParameter("cannot have stream=true and one-shot=true");
        }
        request.exchange().interruptOnDisconnect();
        if (once) {
            return json(StatsJson.single(statistics.now(request.name())));
        }
        if (!stream) {
            return json(StatsJson.write(statistics.compared(request.name())));
        }
        return new Response.Streamed(
                200,
                Headers.none(),
                out ->
                        statistics.follow(
                                request.name(),
                                report -> {
                                    out.write(StatsJson.write(report).line());
                                    out.flush();
                                }));
    }
}
