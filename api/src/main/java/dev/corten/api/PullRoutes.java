package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.ImageJson;
import dev.corten.api.wire.RegistryAuth;
import dev.corten.engine.pull.PullMessage;
import dev.corten.engine.pull.PullRequest;
import dev.corten.engine.pull.Pulls;
import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.RegistryCredentials;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// `/distribution`, and the part of `/images/create` that pulls.
final class PullRoutes {

    private final Pulls pulls;

    PullRoutes(Services services) {
        this.pulls = services.pulls();
    }

    List<Route> routes() {
        return List.of(
                Route.get("/distribution/{name...}/json", Kind.IMAGE, Effect.READ, this::look));
    }

    private Response look(Request request) throws IOException, InterruptedException {
        return json(
                ImageJson.distributed(
                        pulls.look(Reference.parse(request.name()), credentials(request))));
    }

    Response pull(Request request, String image) {
        var pull =
                new PullRequest(
                        name(image, request.text("tag")),
                        request.optional("platform").map(Platform::parse),
                        credentials(request));
        return ProgressAnswer.of(PullRoutes::messages, out -> pulls.pull(pull, out));
    }

    private static RegistryCredentials credentials(Request request) {
        return RegistryAuth.decode(request.headers().first(RegistryAuth.HEADER))
                .orElse(RegistryCredentials.NONE);
    }

    /// @param tag may also be a digest; with neither, all tags are meant
    private static Reference name(String image, String tag) {
        // Clients that pull all tags have been seen to send this.
        Reference name =
                Reference.parse(
                        image.endsWith(":") ? image.substring(0, image.length() - 1) : image);
        if (tag.isEmpty()) {
            return name;
        }
        return tag.startsWith("sha256:")
                ? new Reference(
                        name.domain(),
                        name.path(),
                        Optional.empty(),
                        Optional.of(Digest.parse(tag)))
                : name.withTag(tag);
    }

    private static byte[] messages(List<PullMessage> messages) {
        var bytes = new ByteArrayOutputStream();
        messages.forEach(message -> bytes.writeBytes(message(message)));
        return bytes.toByteArray();
    }

    static byte[] message(PullMessage message) {
        return switch (message) {
            case PullMessage.Note(String id, String text) -> ImageJson.note(text, id);
            case PullMessage.Step(String id, String text) -> ImageJson.status(text, id);
            case PullMessage.Progress(String id, String text, long current, long total) ->
                    ImageJson.progress(text, id, current, total);
        };
    }
}
