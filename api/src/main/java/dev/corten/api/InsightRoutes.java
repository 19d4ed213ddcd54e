package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.Json;
import dev.corten.engine.container.ProcessTable;
import dev.corten.engine.container.Processes;
import java.io.IOException;
import java.util.List;

/// `/containers/{name}/top` and its like: what goes on inside of a container.
final class InsightRoutes {
    private final Processes processes;

    InsightRoutes(Services services) {
        this.processes = services.processes();
    }

    List<Route> routes() {
        return List.of(Route.get("/containers/{name}/top", Kind.CONTAINER, Effect.READ, this::top));
    }

    private Response top(Request request) throws IOException, InterruptedException {
        ProcessTable table = processes.list(request.name(), request.text("ps_args"));
        return json(
                Json.object(
                        o -> o.rows("Processes", table.rows()).texts("Titles", table.titles())));
    }
}
