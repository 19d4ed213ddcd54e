package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.ContainerJson;
import dev.corten.api.wire.ImageJson;
import dev.corten.api.wire.ImageUsage;
import dev.corten.api.wire.Json;
import dev.corten.engine.container.ContainerView;
import dev.corten.engine.container.DiskSize;
import dev.corten.model.InvalidParameter;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageSizes;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    private Response usage(Request request) throws IOException {
        List<String> asked =
                request.version().atLeast(42) ? request.query().all("type") : List.of();
        for (String type : asked) {
            if (!TYPES.contains(type)) {
                throw new InvalidParameter("unknown object type: " + type);
            }
        }
        List<String> types = asked.isEmpty() ? TYPES : asked;
        boolean withImages = types.contains("image");
        ImageSizes sizes = services.images().sizes();
        Map<ContainerView, DiskSize> containers =
                types.contains("container") ? services.containers().diskSizes() : null;
        Instant now = services.clock().instant();
        return json(
                Json.object(o ->
                        o.number("LayersSize", withImages ? sizes.layers() : 0)
                                .objects(
                                        "Images",
                                        withImages ? services.images().list() : null,
                                        (out, image) ->
                                                ImageJson.writeUsage(
                                                        out,
                                                        image,
                                                        imageUsage(image, sizes),
                                                        request.version()))
                                .objects(
                                        "Containers",
                                        containers == null ? null : containers.entrySet(),
                                        (out, entry) ->
                                                ContainerJson.writeSummary(
                                                        out,
                                                        entry.getKey(),
                                                        entry.getKey().config().image(),
                                                        Optional.of(entry.getValue()),
                                                        now))
                                .texts("Volumes", types.contains("volume") ? List.of() : null)
                                .texts(
                                        "BuildCache",
                                        types.contains("build-cache") ? List.of() : null)));
    }

    private ImageUsage imageUsage(Image image, ImageSizes sizes) {
        return new ImageUsage(
                services.images().containers(image.id()),
                sizes.shared().getOrDefault(image.id(), 0L));
    }
}
