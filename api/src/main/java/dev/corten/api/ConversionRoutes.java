package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.Json;
import dev.corten.engine.image.Conversions;
import dev.corten.engine.image.Conversions.Wanted;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;

/// `POST /corten/v1/images/{name}/convert`: another form of an image, under a name of its own.
/// `target` is that name; `format` `gzip`, `zstd` or `tar`; `level`, `oci`, `platform` and `all` as
/// the options of `image convert`.
final class ConversionRoutes {
    private final Conversions conversions;

    ConversionRoutes(Services services) {
        this.conversions = services.conversions();
    }

    List<Route> routes() {
        return List.of(
                Route.post(
                        "/corten/v1/images/{name...}/convert",
                        Kind.IMAGE,
                        Effect.CREATE,
                        this::convert));
    }

    private Response convert(Request request) throws IOException, InterruptedException {
        Reference target =
                Reference.parse(
                                request.optional("target")
                                        .orElseThrow(
                                                () -> new InvalidParameter("no target is given")))
                        .orLatest();
        Digest digest =
                conversions.convert(
                        new Wanted(
                                request.name(),
                                target,
                                request.text("format"),
                                level(request),
                                request.flag("oci"),
                                request.optional("platform").map(Platform::parse),
                                request.flag("all")));
        return json(
                Json.object(out ->
                        out.text("Name", target.toString()).text("Digest", digest.toString())));
    }

    private static OptionalInt level(Request request) {
        String level = request.text("level");
        try {
            return level.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(level));
        } catch (NumberFormatException e) {
            throw new InvalidParameter("invalid compression level " + level, e);
        }
    }
}
