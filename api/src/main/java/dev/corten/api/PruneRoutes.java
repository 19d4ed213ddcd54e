package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.Json;
import dev.corten.api.wire.PruneFilter;
import dev.corten.engine.container.Pruning;
import dev.corten.model.ContainerId;
import java.time.Clock;
import java.util.List;

/// `/containers/prune`: removes what nobody uses.
final class PruneRoutes {
    private final Pruning pruning;
    private final Clock clock;

    PruneRoutes(Services services) {
        this.pruning = services.pruning();
        this.clock = services.clock();
    }

    List<Route> routes() {
        return List.of(
                Route.post("/containers/prune", Kind.CONTAINER, Effect.DELETE, this::containers));
    }

    private Response containers(Request request) throws InterruptedException {
        PruneFilter filter = PruneFilter.parse(request.filters(), clock.instant());
        Pruning.Result result =
                pruning.prune(view -> filter.passes(view.created(), view.config().labels()));
        List<String> removed = result.removed().stream().map(ContainerId::hex).toList();
        return json(
                Json.object(o ->
                        o.texts("ContainersDeleted", removed.isEmpty() ? null : removed)
                                .number("SpaceReclaimed", result.bytes())));
    }
}
