package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.ImageJson;
import dev.corten.api.wire.Json;
import dev.corten.api.wire.PruneFilter;
import dev.corten.engine.container.Pruning;
import dev.corten.engine.image.ImagePruning;
import dev.corten.model.ContainerId;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/// `/containers/prune` and its like: removes what nobody uses.
final class PruneRoutes {
    private final Pruning pruning;
    private final ImagePruning imagePruning;
    private final Clock clock;

    PruneRoutes(Services services) {
        this.pruning = services.pruning();
        this.imagePruning = new ImagePruning(services.images(), services.events());
        this.clock = services.clock();
    }

    List<Route> routes() {
        return List.of(
                Route.post("/containers/prune", Kind.CONTAINER, Effect.DELETE, this::containers),
                Route.post("/images/prune", Kind.IMAGE, Effect.DELETE, this::images),
                Route.post("/networks/prune", Kind.NETWORK, Effect.DELETE, this::networks));
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

    private Response images(Request request) {
        PruneFilter filter = PruneFilter.ofImages(request.filters(), clock.instant());
        ImagePruning.Result result =
                imagePruning.prune(
                        filter.dangling(),
                        image ->
                                filter.passes(
                                        image.created().orElse(Instant.EPOCH),
                                        image.config().labels()));
        return json(ImageJson.pruned(result.removals(), result.bytes()));
    }

    /// There are none but the built-in ones, which stay.
    private Response networks(Request request) {
        PruneFilter.parse(request.filters(), clock.instant());
        return json(Json.object(o -> o.texts("NetworksDeleted", null)));
    }
}
