package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.ContainerJson;
import dev.corten.api.wire.ImageJson;
import dev.corten.api.wire.Json;
import dev.corten.model.InvalidParameter;
import dev.corten.model.image.Image;
import java.time.Instant;
import java.util.List;

/// `/system/df`: what lies on the disk.
final class DiskRoutes {
    private static final List<String> TYPES =
            List.of("container", "image", "volume", "build-cache");

    private final Services services;

    DiskRoutes(Services services) {
        this.services = services;
    }

    List<Route> routes() {
        return List.of(Route.get("/system/df", Kind.SYSTEM, Effect.READ, this::usage));
    }

    private Response usage(Request request) {
        List<String> asked =
                request.version().atLeast(42) ? request.query().all("type") : List.of();
        for (String type : asked) {
            if (!TYPES.contains(type)) {
                throw new InvalidParameter("unknown object type: " + type);
            }
        }
        List<String> types = asked.isEmpty() ? TYPES : asked;
        List<Image> images = services.images().list();
        Instant now = services.clock().instant();
        return json(
                Json.object(o ->
                        o.number("LayersSize", images.stream().mapToLong(Image::size).sum())
                                .objects(
                                        "Images",
                                        types.contains("image") ? images : null,
                                        (out, image) ->
                                                ImageJson.writeSummary(
                                                        out,
                                                        image,
                                                        services.images().containers(image.id()),
                                                        request.version()))
                                .objects(
                                        "Containers",
                                        types.contains("container")
                                                ? services.containers().list()
                                                : null,
                                        (out, view) ->
                                                ContainerJson.writeSummary(
                                                        out, view, view.config().image(), now))
                                .texts("Volumes", types.contains("volume") ? List.of() : null)
                                .texts(
                                        "BuildCache",
                                        types.contains("build-cache") ? List.of() : null)));
    }
}
