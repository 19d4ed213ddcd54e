package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.model.NotFound;
import dev.corten.model.NotImplemented;
import java.util.List;

/// `/volumes`: there are none yet, and none can be made.
final class VolumeRoutes {
    private VolumeRoutes() {}

    static List<Route> routes() {
        return List.of(
                Route.get(
                        "/volumes",
                        Kind.VOLUME,
                        Effect.READ,
                        request -> {
                            request.filters().allowing("dangling", "name", "driver", "label");
                            return json("{\"Volumes\":[],\"Warnings\":null}");
                        }),
                Route.get("/volumes/{name}", Kind.VOLUME, Effect.READ, VolumeRoutes::absent),
                Route.delete("/volumes/{name}", Kind.VOLUME, Effect.DELETE, VolumeRoutes::delete),
                Route.post(
                        "/volumes/prune",
                        Kind.VOLUME,
                        Effect.DELETE,
                        request -> {
                            request.filters().allowing("label", "label!", "all");
                            return json("{\"VolumesDeleted\":[],\"SpaceReclaimed\":0}");
                        }),
                Route.post(
                        "/volumes/create",
                        Kind.VOLUME,
                        Effect.CREATE,
                        _ -> {
                            throw new NotImplemented("volumes are not supported by Corten yet");
                        }));
    }

    private static Response absent(Request request) {
        throw new NotFound("get " + request.name() + ": no such volume");
    }

    private static Response delete(Request request) {
        return request.flag("force") ? Response.empty(204) : absent(request);
    }
}
