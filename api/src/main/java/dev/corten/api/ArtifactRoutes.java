package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.Json;
import dev.corten.api.wire.JsonInput;
import dev.corten.api.wire.RegistryAuth;
import dev.corten.engine.artifact.ArtifactTransfers;
import dev.corten.engine.artifact.LocalArtifacts;
import dev.corten.engine.artifact.LocalArtifacts.Mode;
import dev.corten.engine.artifact.LocalArtifacts.View;
import dev.corten.engine.artifact.LocalArtifacts.Wanted;
import dev.corten.http.Headers;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Reference;
import dev.corten.model.image.RegistryCredentials;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `/corten/v1/artifacts`: what Podman has as `artifact`.
///
/// `POST add` takes `name`, `type`, `file-type`, `annotation` (`key=value`, several), `append` or
/// `replace`, and the files as a tar without directories; `POST pull` and `{name}/push` tell how they
/// get on, with the credentials as `/images/create` has them; `GET {name}/blob` is a file by its
/// `digest`.
final class ArtifactRoutes {
    private static final String PATH = "/corten/v1/artifacts";
    private static final String ONE = PATH + "/{name...}";

    private final LocalArtifacts artifacts;
    private final ArtifactTransfers transfers;

    ArtifactRoutes(Services services) {
        this.artifacts = services.artifacts();
        this.transfers = services.artifactTransfers();
    }

    List<Route> routes() {
        return List.of(
                Route.get(PATH + "/json", Kind.IMAGE, Effect.READ, this::list),
                Route.post(PATH + "/add", Kind.IMAGE, Effect.CREATE, this::add),
                Route.post(PATH + "/pull", Kind.IMAGE, Effect.CREATE, this::pull),
                Route.get(ONE + "/json", Kind.IMAGE, Effect.READ, this::inspect),
                Route.get(ONE + "/blob", Kind.IMAGE, Effect.READ, this::blob),
                Route.post(ONE + "/push", Kind.IMAGE, Effect.CHANGE, this::push),
                Route.delete(PATH, Kind.IMAGE, Effect.DELETE, this::removeAll),
                Route.delete(ONE, Kind.IMAGE, Effect.DELETE, this::remove));
    }

    // ---- here ----------------------------------------------------------------------------------

    private Response list(Request request) throws IOException {
        return json(Json.array(artifacts.list(), ArtifactRoutes::write));
    }

    private static void write(Json out, View view) {
        out.text("Name", view.name().familiar())
                .text("Repository", view.name().familiarRepository())
                .text("Tag", view.tag())
                .text("Digest", view.digest().toString())
                .text("ArtifactType", view.type())
                .number("Size", view.size());
        view.created().ifPresent(created -> out.time("Created", created));
    }

    private Response inspect(Request request) throws IOException {
        View view = artifacts.get(request.name());
        var manifest = JsonInput.parseDocument(view.document());
        return json(
                Json.object(out ->
                        out.plain("Manifest", manifest)
                                .text("Name", view.name().familiar())
                                .text("Digest", view.digest().toString())));
    }

    private Response blob(Request request) {
        Digest digest = Digest.parse(request.text("digest"));
        // Asked here already: that it is not there has a status of its own.
        artifacts.check(request.name(), digest);
        return new Response.Streamed(
                200,
                Headers.of("Content-Type", "application/octet-stream"),
                out -> {
                    try (var file = artifacts.open(request.name(), digest)) {
                        file.in().transferTo(out);
                    }
                });
    }

    private Response add(Request request) throws IOException {
        Map<String, String> annotations = new LinkedHashMap<>();
        for (String annotation : request.query().all("annotation")) {
            int equals = annotation.indexOf('=');
            if (equals <= 0) {
                throw new InvalidParameter("no value given for annotation \"" + annotation + "\"");
            }
            annotations.put(annotation.substring(0, equals), annotation.substring(equals + 1));
        }
        Digest digest =
                artifacts.add(
                        new Wanted(
                                name(request),
                                mode(request),
                                request.text("type"),
                                request.text("file-type"),
                                annotations),
                        request.body());
        return json(201, Json.object(out -> out.text("Digest", digest.toString())));
    }

    private static Reference name(Request request) {
        return Reference.parse(
                request.optional("name")
                        .orElseThrow(() -> new InvalidParameter("no name is given")));
    }

    private static Mode mode(Request request) {
        boolean append = request.flag("append");
        boolean replace = request.flag("replace");
        if (append && replace) {
            throw new InvalidParameter("append and replace options cannot be used together");
        }
        return append ? Mode.APPEND : replace ? Mode.REPLACE : Mode.NEW;
    }

    private Response remove(Request request) throws IOException {
        return removed(artifacts.remove(request.name()));
    }

    private Response removeAll(Request request) throws IOException {
        return removed(artifacts.removeAll());
    }

    private static Response removed(List<Digest> digests) {
        return json(
                Json.object(out ->
                        out.texts("Removed", digests.stream().map(Digest::toString).toList())));
    }

    // ---- registries ----------------------------------------------------------------------------

    private Response pull(Request request) {
        Reference name = name(request);
        return ProgressAnswer.of(
                PullRoutes::message, out -> transfers.pull(name, credentials(request), out));
    }

    private Response push(Request request) {
        Reference name = Reference.parse(request.name());
        return ProgressAnswer.of(
                PullRoutes::message, out -> transfers.push(name, credentials(request), out));
    }

    private static RegistryCredentials credentials(Request request) {
        return RegistryAuth.decode(request.headers().first(RegistryAuth.HEADER))
                .orElse(RegistryCredentials.NONE);
    }
}
