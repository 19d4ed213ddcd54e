package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.BuildCacheJson;
import dev.corten.api.wire.ContainerJson;
import dev.corten.api.wire.ImageJson;
import dev.corten.api.wire.ImageUsage;
import dev.corten.api.wire.Json;
import dev.corten.api.wire.VolumeJson;
import dev.corten.build.cache.CacheUsage;
import dev.corten.engine.container.view.ContainerView;
import dev.corten.engine.container.view.DiskSize;
import dev.corten.engine.volume.Volumes;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageSizes;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.LinkedHashMap;
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
        Map<Volumes.Use, Long> volumes = types.contains("volume") ? volumeSizes() : null;
        List<CacheUsage> cache =
                types.contains("build-cache") ? services.builderCache().usage() : null;
        long builderSize = cache == null ? 0 : cache.stream().mapToLong(CacheUsage::size).sum();
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
                                .objects(
                                        "Volumes",
                                        volumes == null ? null : volumes.entrySet(),
                                        (out, entry) ->
                                                VolumeJson.writeUsage(
                                                        out,
                                                        entry.getKey().volume(),
                                                        entry.getKey().users(),
                                                        entry.getValue()))
                                .objects(
                                        "BuildCache",
                                        cache,
                                        (out, usage) ->
                                                BuildCacheJson.writeUsage(
                                                        out, usage, request.version()))
                                .numberIfAny(
                                        "BuilderSize",
                                        request.version().atLeast(42) ? 0 : builderSize)));
    }

    private Map<Volumes.Use, Long> volumeSizes() throws IOException {
        var sizes = new LinkedHashMap<Volumes.Use, Long>();
        for (Volumes.Use use : services.volumes().list()) {
            try {
                sizes.put(use, services.volumes().size(use.volume()));
            } catch (NoSuchFileException | NotFound _) {
                // Removed since it was listed.
            }
        }
        return sizes;
    }

    private ImageUsage imageUsage(Image image, ImageSizes sizes) {
        return new ImageUsage(
                services.images().containers(image.id()),
                sizes.shared().getOrDefault(image.id(), 0L));
    }
}
