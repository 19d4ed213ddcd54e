package dev.corten.api;

import dev.corten.api.wire.ApiVersion;
import dev.corten.api.wire.ContainerJson;
import dev.corten.api.wire.Json;
import dev.corten.engine.migration.Migration;
import dev.corten.http.Headers;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// `POST /corten/v1/migrate`: takes over what a Docker Engine has on the daemon's host. Our own.
///
/// `path` is its data root; with `look=1` nothing is taken. The answer is a stream of JSON objects,
/// one for each thing: `Kind` (`image`, `volume`, `container`), `Name`, `Outcome` (`found`, `taken`,
/// `present`, `failed`), `Error`.
final class MigrationRoutes {
    private static final Headers JSON = Headers.of("Content-Type", "application/json");

    private final Migration migration;

    MigrationRoutes(Services services) {
        this.migration = services.migration();
    }

    List<Route> routes() {
        return List.of(Route.post("/corten/v1/migrate", Kind.SYSTEM, Effect.CREATE, this::migrate));
    }

    private Response migrate(Request request) {
        Path root;
        try {
            root = Path.of(request.text("path"));
        } catch (InvalidPathException e) {
            throw new InvalidParameter("invalid path: " + e.getReason(), e);
        }
        migration.check(root);
        ApiVersion version = request.version();
        var mode = request.flag("look") ? Migration.Mode.LOOK : Migration.Mode.TAKE;
        return new Response.Streamed(
                200,
                JSON,
                out -> {
                    try {
                        migration.run(
                                root,
                                mode,
                                (name, config, host) ->
                                        ContainerJson.readForeign(name, config, host, version),
                                step -> tell(step, out));
                    } catch (UncheckedIOException e) {
                        throw e.getCause();
                    }
                });
    }

    private static void tell(Migration.Step step, OutputStream out) {
        try {
            out.write(
                    Json.object(o ->
                                    o.text("Kind", word(step.kind()))
                                            .text("Name", step.name())
                                            .text("Outcome", word(step.outcome()))
                                            .text("Error", step.error()))
                            .message());
            out.flush();
        } catch (IOException e) {
            // Whoever asked is gone, and wants no more of it.
            throw new UncheckedIOException(e);
        }
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
