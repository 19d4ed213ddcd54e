package dev.corten.api;

import static dev.corten.api.Response.empty;
import static dev.corten.api.Response.json;

import dev.corten.api.wire.Json;
import dev.corten.api.wire.JsonInput;
import dev.corten.api.wire.VolumeFilter;
import dev.corten.api.wire.VolumeJson;
import dev.corten.engine.volume.Volume;
import dev.corten.engine.volume.VolumeRequest;
import dev.corten.engine.volume.Volumes;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Unavailable;
import java.io.IOException;
import java.util.List;

/// `/volumes`.
final class VolumeRoutes {
    private static final String NO_SWARM =
            "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to"
                    + " connect this node to swarm and try again.";

    private final Volumes volumes;

    VolumeRoutes(Services services) {
        this.volumes = services.volumes();
    }

    List<Route> routes() {
        return List.of(
                Route.get("/volumes", Kind.VOLUME, Effect.READ, this::list),
                Route.post("/volumes/create", Kind.VOLUME, Effect.CREATE, this::create),
                Route.post("/volumes/prune", Kind.VOLUME, Effect.DELETE, this::prune),
                Route.get("/volumes/{name}", Kind.VOLUME, Effect.READ, this::inspect),
                new Route("PUT", "/volumes/{name}", Kind.VOLUME, Effect.CHANGE, this::update),
                Route.delete("/volumes/{name}", Kind.VOLUME, Effect.DELETE, this::remove));
    }

    private Response list(Request request) {
        VolumeFilter filter;
        try {
            filter = VolumeFilter.ofList(request.filters());
        } catch (InvalidParameter e) {
            throw e.message().equals("invalid filter")
                    ? new InvalidParameter("error reading volume filters: " + e.message(), e)
                    : e;
        }
        List<Volume> found =
                volumes.list().stream()
                        .filter(use -> filter.passes(use.volume(), use.users()))
                        .map(Volumes.Use::volume)
                        .toList();
        return json(
                Json.object(o -> o.objects("Volumes", found, VolumeJson::write).none("Warnings")));
    }

    private Response inspect(Request request) {
        Volume volume = volumes.inspect(request.name());
        return json(Json.object(o -> VolumeJson.write(o, volume)));
    }

    private Response create(Request request) throws IOException {
        JsonInput body = request.json();
        if (body.object("ClusterVolumeSpec") != null) {
            throw new Unavailable(NO_SWARM);
        }
        Volume volume =
                volumes.create(
                        new VolumeRequest(
                                body.text("Name"),
                                body.text("Driver"),
                                body.map("Labels"),
                                body.map("DriverOpts")));
        return json(201, Json.object(o -> VolumeJson.write(o, volume)));
    }

    private Response update(Request request) {
        throw new Unavailable(
                "volume update only valid for cluster volumes, but swarm is unavailable");
    }

    private Response remove(Request request) throws IOException {
        try {
            volumes.remove(request.name());
        } catch (NotFound e) {
            if (!request.flag("force")) {
                throw e;
            }
        }
        return empty(204);
    }

    /// Before 1.42, those with a name went too.
    private Response prune(Request request) {
        VolumeFilter filter =
                VolumeFilter.ofPrune(request.filters(), !request.version().atLeast(42));
        Volumes.Pruned pruned = volumes.prune(volume -> filter.passes(volume, 0));
        return json(
                Json.object(o ->
                        o.texts("VolumesDeleted", pruned.removed())
                                .number("SpaceReclaimed", pruned.bytes())));
    }
}
