package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.ImageJson;
import dev.corten.api.wire.Json;
import dev.corten.api.wire.RegistryAuth;
import dev.corten.engine.pull.PullMessage;
import dev.corten.engine.remote.RemoteImages;
import dev.corten.engine.remote.RemoteImages.Place;
import dev.corten.http.Headers;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.RegistryCredentials;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/// `/corten/v1/registry`: what stays in registries, for `manifest` and `image copy`. Docker's command
/// line speaks to registries itself there; ours leaves that to the daemon, which knows the mirrors,
/// certificates and proxies.
final class RemoteRoutes {
    private static final String PATH = "/corten/v1/registry/";

    /// The credentials for the target, where there is a source as well.
    private static final String TARGET_AUTH = "X-Corten-Target-Auth";

    private static final int MAX_MANIFEST = 4 << 20;

    private final RemoteImages remote;

    RemoteRoutes(Services services) {
        this.remote = services.remote();
    }

    List<Route> routes() {
        return List.of(
                Route.get(PATH + "manifest", Kind.IMAGE, Effect.READ, this::manifest),
                Route.put(PATH + "manifest", Kind.IMAGE, Effect.CREATE, this::put),
                Route.get(PATH + "blob", Kind.IMAGE, Effect.READ, this::blob),
                Route.post(PATH + "mount", Kind.IMAGE, Effect.CREATE, this::mount),
                Route.post(PATH + "copy", Kind.IMAGE, Effect.CREATE, this::copy));
    }

    private static Place place(Request request, String parameter, String header) {
        String name =
                request.optional(parameter)
                        .orElseThrow(() -> new InvalidParameter("no " + parameter + " is given"));
        return new Place(
                Reference.parse(name),
                RegistryAuth.decode(request.headers().first(header))
                        .orElse(RegistryCredentials.NONE));
    }

    private Response manifest(Request request) throws InterruptedException {
        RemoteImages.Found found = remote.manifest(place(request, "name", RegistryAuth.HEADER));
        return new Response.Whole(
                200,
                Headers.of(
                        "Content-Type",
                        found.mediaType(),
                        "Docker-Content-Digest",
                        found.digest().toString()),
                found.bytes());
    }

    private Response put(Request request) throws IOException, InterruptedException {
        Place place = place(request, "name", RegistryAuth.HEADER);
        String mediaType = request.headers().first("Content-Type");
        byte[] bytes = request.body().readNBytes(MAX_MANIFEST + 1);
        if (bytes.length > MAX_MANIFEST) {
            throw new InvalidParameter("the manifest is larger than 4 MiB");
        }
        if (mediaType == null || mediaType.isEmpty()) {
            throw new InvalidParameter("the manifest has no media type");
        }
        Digest digest = remote.put(place, mediaType, bytes);
        return json(Json.object(out -> out.text("Digest", digest.toString())));
    }

    private Response blob(Request request) throws IOException, InterruptedException {
        byte[] bytes = remote.document(place(request, "name", RegistryAuth.HEADER));
        return new Response.Whole(
                200, Headers.of("Content-Type", "application/octet-stream"), bytes);
    }

    private Response mount(Request request) throws InterruptedException {
        boolean mounted =
                remote.mount(
                        Reference.parse(request.text("from")),
                        place(request, "name", RegistryAuth.HEADER),
                        Digest.parse(request.text("digest")));
        return json(Json.object(out -> out.flag("Mounted", mounted)));
    }

    private Response copy(Request request) {
        Place from = place(request, "from", RegistryAuth.HEADER);
        Place to = place(request, "to", TARGET_AUTH);
        var platform = request.optional("platform").map(Platform::parse);
        return new Response.Streamed(
                200,
                Headers.of("Content-Type", "application/json"),
                out -> {
                    try {
                        Digest digest = remote.copy(from, to, platform, step -> say(step, out));
                        out.write(ImageJson.note("Digest: " + digest, ""));
                    } catch (CortenException | IOException e) {
                        out.write(ImageJson.failure(Failures.message(e)));
                    }
                });
    }

    private static void say(PullMessage step, OutputStream out) {
        String text =
                switch (step) {
                    case PullMessage.Note(String _, String said) -> said;
                    case PullMessage.Step(String _, String said) -> said;
                    case PullMessage.Progress(String _, String said, long _, long _) -> said;
                };
        try {
            out.write(ImageJson.status(text, step.id()));
            out.flush();
        } catch (IOException e) {
            // The client is gone, and with it who wants the copy.
            throw new java.io.UncheckedIOException(e);
        }
    }
}
