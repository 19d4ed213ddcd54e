package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.Filters;
import dev.corten.api.wire.Json;
import dev.corten.api.wire.JsonInput;
import dev.corten.api.wire.PushJson;
import dev.corten.api.wire.RegistryAuth;
import dev.corten.engine.push.PushRequest;
import dev.corten.engine.push.Pushes;
import dev.corten.engine.registry.Registries;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.RegistryCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// What goes to registries: push, login, search.
final class RegistryRoutes {
    private static final int USUAL_RESULTS = 25;
    private static final int MOST_RESULTS = 100;

    private final Pushes pushes;
    private final Registries registries;

    RegistryRoutes(Services services) {
        this.pushes = services.pushes();
        this.registries = services.registries();
    }

    List<Route> routes() {
        return List.of(
                Route.post("/images/{name...}/push", Kind.IMAGE, Effect.CHANGE, this::push),
                Route.get("/images/search", Kind.IMAGE, Effect.READ, this::search),
                Route.post("/auth", Kind.SYSTEM, Effect.READ, this::login));
    }

    private static RegistryCredentials credentials(Request request) {
        return RegistryAuth.decode(request.headers().first(RegistryAuth.HEADER))
                .orElse(RegistryCredentials.NONE);
    }

    // ---- push ----------------------------------------------------------------------------------

    private Response push(Request request) {
        Reference name = Reference.parse(request.name());
        String tag = request.text("tag");
        var push =
                new PushRequest(
                        tag.isEmpty() ? name : name.withTag(tag),
                        request.optional("platform").map(RegistryRoutes::platform),
                        credentials(request));
        return ProgressAnswer.of(PushJson::message, out -> pushes.push(push, out));
    }

    /// JSON of the OCI image specification, as Docker's clients send it, or `os/arch[/variant]`.
    private static Platform platform(String text) {
        if (!text.startsWith("{")) {
            return Platform.parse(text);
        }
        JsonInput json = JsonInput.parse(text.getBytes(StandardCharsets.UTF_8));
        if (json.text("os").isEmpty() || json.text("architecture").isEmpty()) {
            throw new InvalidParameter("both OS and Architecture must be provided");
        }
        return new Platform(json.text("os"), json.text("architecture"), json.text("variant"));
    }

    // ---- login and search ----------------------------------------------------------------------

    private Response login(Request request) throws IOException, InterruptedException {
        Registries.Login login = registries.login(RegistryAuth.read(request.requiredJson()));
        return json(
                Json.object(o ->
                        o.text("IdentityToken", login.identityToken())
                                .text("Status", login.status())));
    }

    private Response search(Request request) throws InterruptedException {
        int limit = limit(request.text("limit"));
        Filters filters = request.filters().allowing("is-automated", "is-official", "stars");
        // Registries no longer know which images are: Docker finds none then.
        boolean none = filters.flag("is-automated", false);
        Optional<Boolean> official =
                filters.has("is-official")
                        ? Optional.of(filters.flag("is-official", false))
                        : Optional.empty();
        long stars = filters.get("stars").stream().mapToLong(RegistryRoutes::stars).max().orElse(0);
        var search = new Registries.Search(request.text("term"), limit, official, stars);
        List<Registries.Found> found =
                none ? List.of() : registries.search(search, credentials(request));
        return json(
                Json.array(
                        found,
                        (out, one) ->
                                out.number("star_count", one.stars())
                                        .flag("is_official", one.official())
                                        .text("name", one.name())
                                        .flag("is_automated", false)
                                        .text("description", one.description())));
    }

    private static int limit(String text) {
        int limit;
        try {
            limit = text.isEmpty() ? 0 : Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new InvalidParameter(
                    "invalid limit specified: strconv.Atoi: parsing \""
                            + text
                            + "\": invalid syntax",
                    e);
        }
        if (limit == 0) {
            return USUAL_RESULTS;
        }
        if (limit < 1 || limit > MOST_RESULTS) {
            throw new InvalidParameter("limit " + limit + " is outside the range of [1, 100]");
        }
        return limit;
    }

    private static long stars(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new InvalidParameter(
                    "invalid filter 'stars="
                            + text
                            + "': strconv.Atoi: parsing \""
                            + text
                            + "\": invalid syntax",
                    e);
        }
    }
}
