package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.model.NotFound;
import dev.corten.model.Unavailable;
import java.util.ArrayList;
import java.util.List;

/// The routes of Swarm, which Corten does not have, in the words that clients know; and `/plugins`.
final class SwarmRoutes {
    private static final String NOT_A_MANAGER =
            "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to"
                    + " connect this node to swarm and try again.";

    private static final List<String> KINDS =
            List.of("nodes", "services", "tasks", "secrets", "configs");

    private SwarmRoutes() {}

    static List<Route> routes() {
        var routes = new ArrayList<Route>();
        routes.add(Route.get("/plugins", Kind.PLUGIN, Effect.READ, _ -> json("[]")));
        routes.add(
                Route.get(
                        "/plugins/{name...}/json",
                        Kind.PLUGIN,
                        Effect.READ,
                        request -> {
                            throw new NotFound("plugin \"" + request.name() + "\" not found");
                        }));
        routes.add(
                Route.post(
                        "/swarm/leave",
                        Kind.SWARM,
                        Effect.CHANGE,
                        _ -> {
                            throw new Unavailable("This node is not part of a swarm");
                        }));
        refuse(routes, "/swarm", List.of("GET"));
        for (String step : List.of("init", "join", "update", "unlock")) {
            refuse(routes, "/swarm/" + step, List.of("POST"));
        }
        refuse(routes, "/swarm/unlockkey", List.of("GET"));
        for (String kind : KINDS) {
            refuse(routes, "/" + kind, List.of("GET"));
            refuse(routes, "/" + kind + "/create", List.of("POST"));
            refuse(routes, "/" + kind + "/{id}", List.of("GET", "DELETE"));
            refuse(routes, "/" + kind + "/{id}/update", List.of("POST"));
            refuse(routes, "/" + kind + "/{id}/logs", List.of("GET"));
        }
        return routes;
    }

    private static void refuse(List<Route> routes, String pattern, List<String> methods) {
        for (String method : methods) {
            Effect effect = method.equals("GET") ? Effect.READ : Effect.CHANGE;
            routes.add(
                    new Route(
                            method,
                            pattern,
                            Kind.SWARM,
                            effect,
                            _ -> {
                                throw new Unavailable(NOT_A_MANAGER);
                            }));
        }
    }
}
