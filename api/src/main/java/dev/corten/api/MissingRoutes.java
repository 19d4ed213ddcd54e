package dev.corten.api;

import dev.corten.model.NotImplemented;
import java.util.List;

/// Routes of the Engine API that Corten does not have yet: each says so, instead of "page not found".
final class MissingRoutes {
    private MissingRoutes() {}

    static List<Route> routes() {
        return List.of(
                missing("HEAD", "/containers/{name}/archive", Kind.CONTAINER, "copy"),
                missing("GET", "/containers/{name}/archive", Kind.CONTAINER, "copy"),
                missing("PUT", "/containers/{name}/archive", Kind.CONTAINER, "copy"),
                missing("GET", "/containers/{name}/checkpoints", Kind.CONTAINER, "checkpoints"),
                missing("POST", "/containers/{name}/checkpoints", Kind.CONTAINER, "checkpoints"),
                missing("POST", "/networks/{id}/connect", Kind.NETWORK, "network connect"),
                missing("POST", "/networks/{id}/disconnect", Kind.NETWORK, "network disconnect"),
                missing("GET", "/plugins/privileges", Kind.PLUGIN, "plugins"),
                missing("POST", "/plugins/pull", Kind.PLUGIN, "plugins"),
                missing("POST", "/plugins/create", Kind.PLUGIN, "plugins"));
    }

    private static Route missing(String method, String pattern, Kind kind, String what) {
        Effect effect = method.equals("GET") || method.equals("HEAD") ? Effect.READ : Effect.CHANGE;
        return new Route(
                method,
                pattern,
                kind,
                effect,
                _ -> {
                    throw new NotImplemented(what + " is not supported by Corten yet");
                });
    }
}
