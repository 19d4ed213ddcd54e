package dev.corten.api;

import static dev.corten.api.Response.empty;
import static dev.corten.api.Response.json;

import dev.corten.api.wire.ApiVersion;
import dev.corten.api.wire.ImageFilter;
import dev.corten.api.wire.ImageJson;
import dev.corten.api.wire.ImageUsage;
import dev.corten.api.wire.Json;
import dev.corten.engine.image.GraphView;
import dev.corten.engine.image.Images;
import dev.corten.engine.image.Platforms;
import dev.corten.http.Headers;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import dev.corten.model.image.LoadEvent;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `/images`: list, inspect, load, import, tag, delete. Pulls are [PullRoutes].
final class ImageRoutes {
    private static final Headers JSON = Headers.of("Content-Type", "application/json");

    private final Images images;
    private final Clock clock;
    private final PullRoutes pulls;
    private final RootfsImports rootfsImports;
    private final Platforms platforms;

    ImageRoutes(Services services, PullRoutes pulls) {
        this.pulls = pulls;
        this.rootfsImports = new RootfsImports(services);
        this.platforms = services.platforms();
        this.images = services.images();
        this.clock = services.clock();
    }

    List<Route> routes() {
        Kind kind = Kind.IMAGE;
        return List.of(
                Route.get("/images/json", kind, Effect.READ, this::list),
                Route.get("/images/{name...}/json", kind, Effect.READ, this::inspect),
                Route.post("/images/load", kind, Effect.CREATE, this::load),
                Route.post("/images/create", kind, Effect.CREATE, this::create),
                Route.post("/images/{name...}/tag", kind, Effect.CHANGE, this::tag),
                Route.delete("/images/{name...}", kind, Effect.DELETE, this::remove));
    }

    private Response list(Request request) {
        var filter = ImageFilter.parse(request.filters(), images::inspect, clock.instant());
        List<Image> all = images.list();
        Set<Digest> parents = new HashSet<>();
        all.forEach(image -> image.parent().ifPresent(parents::add));
        // The images of a build's steps are steps of another one, unless somebody has named them.
        boolean withSteps = request.flag("all");
        List<Image> found =
                all.stream()
                        .filter(image ->
                                withSteps
                                        || !image.repoTags().isEmpty()
                                        || !image.repoDigests().isEmpty()
                                        || !parents.contains(image.id()))
                        .map(filter::apply)
                        .flatMap(Optional::stream)
                        .toList();
        ApiVersion version = request.version();
        Map<Digest, Long> shared =
                version.atLeast(42) && request.flag("shared-size")
                        ? images.sizes().shared()
                        : Map.of();
        return json(
                Json.array(
                        found,
                        (out, image) ->
                                ImageJson.writeSummary(
                                        out,
                                        image,
                                        new ImageUsage(
                                                version.atLeast(51)
                                                        ? images.containers(image.id())
                                                        : -1,
                                                shared.getOrDefault(image.id(), -1L)),
                                        origin(request, image, 47),
                                        version)));
    }

    private Response inspect(Request request) throws IOException {
        Optional<Platform> platform =
                request.version().atLeast(49) ? ArchiveRoutes.platform(request) : Optional.empty();
        if (platform.isPresent() && request.flag("manifests")) {
            throw new InvalidParameter(
                    "conflicting options: manifests and platform options cannot both be set");
        }
        Image image =
                platform.map(p -> images.inspect(request.name(), p))
                        .orElseGet(() -> images.inspect(request.name()));
        GraphView graph = images.graph(image);
        ImageJson.Maker maker =
                request.version().atLeast(45)
                        ? ImageJson.Maker.NOBODY
                        : ImageJson.Maker.of(images.document(image.id()));
        return json(
                ImageJson.inspect(
                        image, graph, origin(request, image, 48), maker, request.version()));
    }

    /// @param since the version in which `manifests` can be asked for
    private ImageJson.Origin origin(Request request, Image image, int since) {
        ApiVersion version = request.version();
        if (!version.atLeast(since)) {
            return ImageJson.Origin.UNTOLD;
        }
        try {
            return new ImageJson.Origin(
                    version.atLeast(48) ? platforms.origin(image) : Optional.empty(),
                    request.flag("manifests") ? platforms.of(image) : null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- load ----------------------------------------------------------------------------------

    /// Failures come in the stream, behind a 200, as Docker's clients expect.
    private Response load(Request request) {
        boolean quiet = request.flag("quiet");
        Optional<Platform> platform = ArchiveRoutes.platform(request);
        return new Response.Streamed(
                200,
                JSON,
                out -> {
                    try {
                        images.load(request.body(), platform, event -> tell(event, quiet, out));
                    } catch (UncheckedIOException e) {
                        throw e.getCause();
                    } catch (CortenException | IOException e) {
                        out.write(ImageJson.failure(Failures.message(e)));
                    }
                });
    }

    private static void tell(LoadEvent event, boolean quiet, OutputStream out) {
        byte[] message =
                switch (event) {
                    case LoadEvent.LayerProgress(String name, long current, long total) ->
                            quiet
                                    ? new byte[0]
                                    : ImageJson.progress("Loading layer", name, current, total);
                    case LoadEvent.NameMoved(Reference name, Digest old) ->
                            ImageJson.stream(
                                    "The image "
                                            + name.familiar()
                                            + " already exists, renaming the old one with ID "
                                            + old
                                            + " to empty string\n");
                    case LoadEvent.Named(Reference name, Digest _) ->
                            ImageJson.stream("Loaded image: " + name.familiar() + "\n");
                    case LoadEvent.Unnamed(Digest id) ->
                            ImageJson.stream("Loaded image ID: " + id + "\n");
                };
        if (message.length == 0) {
            return;
        }
        try {
            out.write(message);
            out.flush();
        } catch (IOException e) {
            // The client is gone, and with it the rest of the archive.
            throw new UncheckedIOException(e);
        }
    }

    // ---- import and pull -----------------------------------------------------------------------

    private Response create(Request request) throws IOException, InterruptedException {
        String image = request.text("fromImage");
        return image.isEmpty() ? rootfsImports.answer(request) : pulls.pull(request, image);
    }

    // ---- names ---------------------------------------------------------------------------------

    private Response tag(Request request) throws IOException {
        String repository = request.text("repo");
        if (repository.isEmpty()) {
            return empty(200);
        }
        images.tag(request.name(), Images.reference(repository, request.text("tag")));
        return empty(201);
    }

    private Response remove(Request request) throws IOException {
        return json(
                ImageJson.removed(
                        images.remove(
                                request.name(), request.flag("force"), !request.flag("noprune"))));
    }
}
