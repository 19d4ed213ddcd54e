package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.Filters;
import dev.corten.api.wire.Json;
import dev.corten.api.wire.NetworkJson;
import dev.corten.engine.network.NetworkList;
import dev.corten.engine.network.NetworkView;
import dev.corten.model.Forbidden;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.NotImplemented;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// `/networks`: the predefined ones.
final class NetworkRoutes {
    private static final List<String> PREDEFINED = List.of("bridge", "host", "none");

    private final NetworkList networks;

    NetworkRoutes(Services services) {
        this.networks = services.networks();
    }

    List<Route> routes() {
        return List.of(
                Route.get("/networks", Kind.NETWORK, Effect.READ, this::list),
                Route.post("/networks/create", Kind.NETWORK, Effect.CREATE, this::create),
                Route.get("/networks/{id}", Kind.NETWORK, Effect.READ, this::inspect),
                Route.delete("/networks/{id}", Kind.NETWORK, Effect.DELETE, this::remove));
    }

    private Response list(Request request) {
        Filters filters =
                request.filters()
                        .allowing("driver", "id", "label", "name", "scope", "type", "dangling");
        for (String type : filters.get("type")) {
            if (!type.equals("builtin") && !type.equals("custom")) {
                throw new Internal("invalid filter: 'type'='" + type + "'");
            }
        }
        boolean withContainers = !request.version().atLeast(28);
        List<NetworkView> found =
                networks.list().stream().filter(network -> matches(network, filters)).toList();
        return json(
                Json.array(
                        found, (out, network) -> NetworkJson.write(out, network, withContainers)));
    }

    /// Names and IDs match by any part of them. All networks here are built in, without labels, and
    /// never count as dangling.
    private static boolean matches(NetworkView network, Filters filters) {
        boolean dangling = filters.has("dangling") && danglingOnly(filters);
        return filters.matches("driver", network.driver())
                && (!filters.has("id")
                        || filters.get("id").stream().anyMatch(network.id()::contains))
                && (!filters.has("name")
                        || filters.get("name").stream().anyMatch(network.name()::contains))
                && filters.matchesLabels("label", Map.of())
                && filters.matches("scope", "local")
                && filters.matches("type", "builtin")
                && !dangling;
    }

    private static boolean danglingOnly(Filters filters) {
        String value = filters.get("dangling").iterator().next();
        return switch (value) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default ->
                    throw new InvalidParameter(
                            "invalid value for filter 'dangling', must be \"true\" (or \"1\"), or"
                                    + " \"false\" (or \"0\")");
        };
    }

    private Response inspect(Request request) {
        NetworkView network = networks.inspect(request.variable("id"));
        String scope = request.text("scope");
        if (!scope.isEmpty() && !scope.equals("local")) {
            throw new NotFound("network " + request.variable("id") + " not found");
        }
        return json(Json.object(out -> NetworkJson.write(out, network, true)));
    }

    private Response create(Request request) throws IOException {
        String name = request.json().text("Name");
        if (name.isEmpty()) {
            throw new InvalidParameter("invalid name: name is empty");
        }
        if (PREDEFINED.contains(name)) {
            throw new Forbidden("operation is not permitted on predefined " + name + " network ");
        }
        throw new NotImplemented("user-defined networks are not supported by Corten yet");
    }

    private Response remove(Request request) {
        NetworkView network = networks.inspect(request.variable("id"));
        throw new Forbidden(network.name() + " is a pre-defined network and cannot be removed");
    }
}
