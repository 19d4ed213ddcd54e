package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.Json;
import dev.corten.engine.image.ImageLayers;
import dev.corten.engine.image.ImageMounts;
import dev.corten.engine.image.Images;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import java.io.IOException;
import java.util.List;

/// `/corten/v1/images`: what Podman has of images and Docker has not, their layers and the loss of
/// their names.
final class ImageDetailRoutes {
    private static final String IMAGE = "/corten/v1/images/{name...}/";

    private final Images images;
    private final ImageLayers layers;
    private final ImageMounts mounts;

    ImageDetailRoutes(Services services) {
        this.images = services.images();
        this.layers = services.layers();
        this.mounts = services.imageMounts();
    }

    List<Route> routes() {
        return List.of(
                Route.get(IMAGE + "layers", Kind.IMAGE, Effect.READ, this::layers),
                Route.get("/corten/v1/image-mounts", Kind.IMAGE, Effect.READ, this::mounted),
                Route.post(IMAGE + "mount", Kind.IMAGE, Effect.CHANGE, this::mount),
                Route.post(IMAGE + "unmount", Kind.IMAGE, Effect.CHANGE, this::unmount),
                Route.post(IMAGE + "untag", Kind.IMAGE, Effect.CHANGE, this::untag));
    }

    private Response layers(Request request) {
        Image image = images.inspect(request.name());
        return json(
                Json.object(out ->
                        out.text("Id", image.id().toString())
                                .texts("RepoTags", familiar(image.repoTags()))
                                .number("Size", image.size())
                                .objects("Layers", layers.of(image), ImageDetailRoutes::write)));
    }

    private static void write(Json out, ImageLayers.Part part) {
        out.text("DiffId", part.diffId().toString())
                .number("Size", part.size())
                .texts("TopOf", part.topOf().stream().map(ImageLayers::shown).toList())
                .texts("PartOf", part.partOf().stream().map(ImageLayers::shown).toList());
    }

    private Response untag(Request request) throws IOException {
        List<Reference> names =
                request.query().all("tag").stream()
                        .map(name -> Reference.parse(name).orLatest())
                        .toList();
        List<Reference> gone = images.untag(request.name(), names);
        return json(Json.object(out -> out.texts("Untagged", familiar(gone))));
    }

    private Response mounted(Request request) throws IOException {
        return json(Json.array(mounts.list(), ImageDetailRoutes::write));
    }

    private Response mount(Request request) throws IOException {
        ImageMounts.Mounted mounted = mounts.mount(request.name());
        return json(Json.object(out -> write(out, mounted)));
    }

    private Response unmount(Request request) throws IOException {
        ImageMounts.Mounted mounted = mounts.unmount(request.name(), request.flag("force"));
        return json(Json.object(out -> write(out, mounted)));
    }

    private static void write(Json out, ImageMounts.Mounted mounted) {
        out.text("Id", mounted.image().id().toString())
                .text("Name", ImageLayers.shown(mounted.image()))
                .text("Mountpoint", mounted.path().toString());
    }

    private static List<String> familiar(List<Reference> names) {
        return names.stream().map(Reference::familiar).toList();
    }
}
