package dev.corten.api;

import static dev.corten.api.Response.empty;
import static dev.corten.api.Response.json;

import dev.corten.api.wire.ContainerFilter;
import dev.corten.api.wire.ContainerJson;
import dev.corten.api.wire.Json;
import dev.corten.engine.container.Containers;
import dev.corten.engine.container.RemoveOptions;
import dev.corten.engine.container.WaitCondition;
import dev.corten.engine.container.view.ContainerView;
import dev.corten.engine.container.view.DiskSize;
import dev.corten.engine.container.view.StartOutcome;
import dev.corten.engine.container.view.StopOutcome;
import dev.corten.engine.container.view.WaitResult;
import dev.corten.engine.image.Images;
import dev.corten.http.Headers;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.image.Image;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// `/containers`: create, list, inspect, and the life cycle.
final class ContainerRoutes {
    /// Longer bodies than `{}` were the way to give a `HostConfig` at start, before 1.24.
    private static final int MAX_START_BODY = 7;

    private static final String PROCESS = "Corten-Process-Id";

    private final Containers containers;
    private final Images images;
    private final Clock clock;

    ContainerRoutes(Services services) {
        this.containers = services.containers();
        this.images = services.images();
        this.clock = services.clock();
    }

    List<Route> routes() {
        Kind kind = Kind.CONTAINER;
        return List.of(
                Route.post("/containers/create", kind, Effect.CREATE, this::create),
                Route.get("/containers/json", kind, Effect.READ, this::list),
                Route.get("/containers/{name}/json", kind, Effect.READ, this::inspect),
                Route.post("/containers/{name}/start", kind, Effect.EXECUTE, this::start),
                Route.post("/containers/{name}/stop", kind, Effect.CHANGE, this::stop),
                Route.post("/containers/{name}/restart", kind, Effect.EXECUTE, this::restart),
                Route.post("/containers/{name}/kill", kind, Effect.CHANGE, this::kill),
                Route.post("/containers/{name}/pause", kind, Effect.CHANGE, this::pause),
                Route.post("/containers/{name}/unpause", kind, Effect.CHANGE, this::unpause),
                Route.post("/containers/{name}/wait", kind, Effect.READ, this::await),
                Route.post("/containers/{name}/resize", kind, Effect.EXECUTE, this::resize),
                Route.post("/containers/{name}/rename", kind, Effect.CHANGE, this::rename),
                Route.post("/containers/{name}/update", kind, Effect.CHANGE, this::update),
                Route.delete("/containers/{name}", kind, Effect.DELETE, this::remove));
    }

    private Response create(Request request) throws IOException, InterruptedException {
        var create =
                ContainerJson.readCreate(
                        request.requiredJson(),
                        request.optional("name"),
                        request.optional("platform"),
                        request.version());
        return json(
                201, ContainerJson.created(containers.create(create), create, request.version()));
    }

    private Response inspect(Request request) throws IOException {
        ContainerView view = containers.inspect(request.name());
        Optional<DiskSize> size =
                request.flag("size") ? Optional.of(containers.diskSize(view)) : Optional.empty();
        return json(ContainerJson.inspect(view, size));
    }

    private Response list(Request request) throws IOException {
        int limit = limit(request);
        var filter = ContainerFilter.parse(request.filters(), lookup());
        Instant now = clock.instant();
        List<ContainerView> found = filter.select(containers.list(), request.flag("all"), limit);
        Map<ContainerId, DiskSize> sizes = request.flag("size") ? sizes(found) : Map.of();
        return json(
                Json.array(
                        found,
                        (out, view) ->
                                ContainerJson.writeSummary(
                                        out,
                                        view,
                                        shownImage(view),
                                        Optional.ofNullable(sizes.get(view.id())),
                                        now)));
    }

    private ContainerFilter.Lookup lookup() {
        return new ContainerFilter.Lookup() {
            @Override
            public ContainerView container(String reference) {
                return containers.inspect(reference);
            }

            @Override
            public Optional<Digest> image(String name) {
                return images.find(name).map(Image::id);
            }
        };
    }

    private Map<ContainerId, DiskSize> sizes(List<ContainerView> views) throws IOException {
        var sizes = new HashMap<ContainerId, DiskSize>();
        for (ContainerView view : views) {
            try {
                sizes.put(view.id(), containers.diskSize(view));
            } catch (NotFound _) {
                // Removed since it was listed.
            }
        }
        return sizes;
    }

    private static int limit(Request request) {
        String limit = request.text("limit");
        try {
            return limit.isEmpty() ? 0 : Integer.parseInt(limit);
        } catch (NumberFormatException e) {
            throw new Internal("strconv.Atoi: parsing \"" + limit + "\": invalid syntax", e);
        }
    }

    /// The name that the user gave, unless another image has it now.
    private String shownImage(ContainerView view) {
        String name = view.config().image();
        boolean same = images.find(name).map(Image::id).filter(view.image()::equals).isPresent();
        return same ? name : view.image().toString();
    }

    private Response start(Request request) throws IOException, InterruptedException {
        String length = request.headers().first("Content-Length");
        boolean chunked = request.headers().has("Transfer-Encoding");
        if (chunked || (length != null && Long.parseLong(length.strip()) > MAX_START_BODY)) {
            throw new InvalidParameter(
                    "starting container with non-empty request body was deprecated since API v1.22"
                            + " and removed in v1.24");
        }
        StartOutcome outcome = containers.start(request.name());
        int status = outcome.started() ? 204 : 304;
        // Our own command line wants the process of a container that may be gone by now.
        return request.flag("pid")
                ? new Response.Whole(
                        status, Headers.of(PROCESS, Integer.toString(outcome.pid())), new byte[0])
                : empty(status);
    }

    private Response stop(Request request) throws IOException, InterruptedException {
        StopOutcome outcome =
                containers.stop(request.name(), seconds(request), stopSignal(request));
        return empty(outcome == StopOutcome.STOPPED ? 204 : 304);
    }

    private Response restart(Request request) throws IOException, InterruptedException {
        containers.restart(request.name(), seconds(request), stopSignal(request));
        return empty(204);
    }

    private static OptionalInt seconds(Request request) {
        String seconds = request.text("t");
        try {
            return seconds.isEmpty()
                    ? OptionalInt.empty()
                    : OptionalInt.of(Integer.parseInt(seconds));
        } catch (NumberFormatException e) {
            throw new Internal("strconv.Atoi: parsing \"" + seconds + "\": invalid syntax", e);
        }
    }

    private static Optional<String> stopSignal(Request request) {
        return request.version().atLeast(42) ? request.optional("signal") : Optional.empty();
    }

    private Response kill(Request request) throws IOException, InterruptedException {
        containers.kill(request.name(), request.optional("signal").orElse("SIGKILL"));
        return empty(204);
    }

    private Response pause(Request request) throws IOException, InterruptedException {
        containers.pause(request.name());
        return empty(204);
    }

    private Response unpause(Request request) throws IOException, InterruptedException {
        containers.unpause(request.name());
        return empty(204);
    }

    private Response await(Request request) throws IOException, InterruptedException {
        boolean withCondition = request.version().atLeast(30);
        WaitCondition condition =
                WaitCondition.parse(withCondition ? request.text("condition") : "");
        CompletableFuture<WaitResult> result = containers.await(request.name(), condition);
        request.exchange().interruptOnDisconnect();
        Headers head = Headers.of("Content-Type", "application/json");
        return new Response.Streamed(
                200,
                head,
                out -> {
                    if (withCondition) {
                        // `docker run` starts the container when it has seen the head.
                        out.flush();
                    }
                    out.write(ContainerJson.waited(result(result)).line());
                });
    }

    private static WaitResult result(CompletableFuture<WaitResult> result)
            throws IOException, InterruptedException {
        try {
            return result.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } finally {
            // A client that has left waits no longer.
            result.cancel(false);
        }
    }

    private Response resize(Request request) throws IOException {
        TerminalSize size = TerminalSize.of(request);
        containers.resize(request.name(), size.rows(), size.columns());
        return empty(200);
    }

    private Response rename(Request request) throws IOException, InterruptedException {
        containers.rename(request.name(), request.text("name"));
        return empty(204);
    }

    private Response update(Request request) throws IOException, InterruptedException {
        List<String> warnings =
                containers.update(request.name(), ContainerJson.readUpdate(request.json()));
        return json(Json.object(o -> o.texts("Warnings", warnings.isEmpty() ? null : warnings)));
    }

    private Response remove(Request request) throws IOException, InterruptedException {
        if (request.flag("link")) {
            containers.unlink(request.name());
            return empty(204);
        }
        containers.remove(
                request.name(), new RemoveOptions(request.flag("force"), request.flag("v")));
        return empty(204);
    }
}
