package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.Json;
import dev.corten.engine.container.Mounting;
import java.io.IOException;
import java.util.List;

/// `/corten/v1/mounts`: root file systems of containers on the host. Our own; Docker has no such
/// thing, Podman has.
final class MountRoutes {
    private static final String CONTAINER = "/corten/v1/containers/{name}/";

    private final Mounting mounting;

    MountRoutes(Services services) {
        this.mounting = services.mounting();
    }

    List<Route> routes() {
        return List.of(
                Route.get("/corten/v1/mounts", Kind.CONTAINER, Effect.READ, this::list),
                Route.post(CONTAINER + "mount", Kind.CONTAINER, Effect.CHANGE, this::mount),
                Route.post(CONTAINER + "unmount", Kind.CONTAINER, Effect.CHANGE, this::unmount));
    }

    private Response list(Request request) throws IOException {
        return json(Json.array(mounting.list(), MountRoutes::write));
    }

    private Response mount(Request request) throws IOException, InterruptedException {
        Mounting.Mounted mounted = mounting.mount(request.name());
        return json(Json.object(out -> write(out, mounted)));
    }

    private Response unmount(Request request) throws IOException, InterruptedException {
        Mounting.Mounted mounted = mounting.unmount(request.name(), request.flag("force"));
        return json(Json.object(out -> write(out, mounted)));
    }

    private static void write(Json out, Mounting.Mounted mounted) {
        out.text("Id", mounted.id().hex())
                .text("Name", mounted.name())
                .text("Mountpoint", mounted.path().toString());
    }
}
