package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.ContainerJson;
import dev.corten.api.wire.ImageJson;
import dev.corten.api.wire.Json;
import dev.corten.api.wire.JsonInput;
import dev.corten.engine.container.Committing;
import dev.corten.engine.container.Exporting;
import dev.corten.engine.image.Histories;
import dev.corten.engine.image.Images;
import dev.corten.engine.image.Saving;
import dev.corten.http.Headers;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.image.Image;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// Images and containers as archives, and images of containers: save, export, commit; history.
final class ArchiveRoutes {
    private static final Headers TAR = Headers.of("Content-Type", "application/x-tar");

    private final Images images;
    private final Histories histories;
    private final Saving saving;
    private final Committing committing;
    private final Exporting exporting;

    ArchiveRoutes(Services services) {
        this.images = services.images();
        this.histories = services.histories();
        this.saving = services.saving();
        this.committing = services.committing();
        this.exporting = services.exporting();
    }

    List<Route> routes() {
        return List.of(
                Route.get("/images/get", Kind.IMAGE, Effect.READ, this::saveSeveral),
                Route.get("/images/{name...}/get", Kind.IMAGE, Effect.READ, this::saveOne),
                Route.get("/images/{name...}/history", Kind.IMAGE, Effect.READ, this::history),
                Route.post("/commit", Kind.IMAGE, Effect.CREATE, this::commit),
                Route.get("/containers/{name}/export", Kind.CONTAINER, Effect.READ, this::export));
    }

    // ---- save ----------------------------------------------------------------------------------

    private Response saveSeveral(Request request) {
        return save(request, request.query().all("names"));
    }

    private Response saveOne(Request request) {
        return save(request, List.of(request.name()));
    }

    private Response save(Request request, List<String> names) {
        Saving.Selection selection = saving.select(names, platforms(request));
        return new Response.Streamed(200, TAR, out -> saving.write(selection, out));
    }

    static Optional<Platform> platform(Request request) {
        List<Platform> all = platforms(request);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getFirst());
    }

    /// Each is `{"os":"linux","architecture":"arm64","variant":"v8"}`.
    private static List<Platform> platforms(Request request) {
        return request.version().atLeast(48)
                ? request.query().all("platform").stream()
                        .filter(text -> !text.isEmpty())
                        .map(ArchiveRoutes::platform)
                        .distinct()
                        .toList()
                : List.of();
    }

    private static Platform platform(String text) {
        JsonInput in;
        try {
            in = JsonInput.parse(text.getBytes(StandardCharsets.UTF_8));
        } catch (InvalidParameter e) {
            throw new InvalidParameter("failed to parse platform: " + e.getMessage(), e);
        }
        if (in.text("os").isEmpty() || in.text("architecture").isEmpty()) {
            throw new InvalidParameter("both OS and Architecture must be provided");
        }
        return new Platform(in.text("os"), in.text("architecture"), in.text("variant"));
    }

    // ---- history -------------------------------------------------------------------------------

    private Response history(Request request) {
        Image image =
                platform(request)
                        .map(wanted -> images.inspect(request.name(), wanted))
                        .orElseGet(() -> images.inspect(request.name()));
        return json(Json.array(histories.of(image), ImageJson::writeStep));
    }

    // ---- commit, export ------------------------------------------------------------------------

    private Response commit(Request request) throws IOException, InterruptedException {
        Optional<ContainerConfig> config =
                ContainerJson.readConfig(request.json(), request.version());
        Digest id =
                committing.commit(
                        request.text("container"),
                        new Committing.Request(
                                config,
                                request.query().all("changes").stream()
                                        .flatMap(String::lines)
                                        .toList(),
                                request.optional("repo")
                                        .filter(repo -> !repo.isEmpty())
                                        .map(repo -> Images.reference(repo, request.text("tag"))),
                                request.text("author"),
                                request.text("comment"),
                                request.flag("pause", true)));
        return json(201, Json.object(out -> out.text("Id", id.toString())));
    }

    private Response export(Request request) {
        Exporting.Export export = exporting.export(request.name());
        return new Response.Streamed(
                200, Headers.of("Content-Type", "application/octet-stream"), export::write);
    }
}
