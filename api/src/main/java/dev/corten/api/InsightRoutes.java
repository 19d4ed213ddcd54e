package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.Json;
import dev.corten.engine.container.Differences;
import dev.corten.engine.container.Processes;
import dev.corten.engine.container.process.ProcessTable;
import dev.corten.model.container.Change;
import java.io.IOException;
import java.util.List;

/// `/containers/{name}/top` and its like: what goes on inside of a container.
final class InsightRoutes {
    private final Processes processes;
    private final Differences differences;

    InsightRoutes(Services services) {
        this.processes = services.processes();
        this.differences = services.differences();
    }

    List<Route> routes() {
        return List.of(
                Route.get("/containers/{name}/top", Kind.CONTAINER, Effect.READ, this::top),
                Route.get(
                        "/containers/{name}/changes", Kind.CONTAINER, Effect.READ, this::changes));
    }

    private Response changes(Request request) throws IOException {
        List<Change> changes = differences.of(request.name());
        return changes.isEmpty()
                ? json("null")
                : json(
                        Json.array(
                                changes,
                                (o, change) ->
                                        o.text("Path", change.path().toString())
                                                .number("Kind", change.kind().number())));
    }

    private Response top(Request request) throws IOException, InterruptedException {
        ProcessTable table = processes.list(request.name(), request.text("ps_args"));
        return json(
                Json.object(
                        o -> o.rows("Processes", table.rows()).texts("Titles", table.titles())));
    }
}
