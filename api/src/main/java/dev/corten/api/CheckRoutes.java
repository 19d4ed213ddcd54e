package dev.corten.api;

import dev.corten.api.wire.Json;
import dev.corten.api.wire.RegistryAuth;
import dev.corten.engine.image.StoreChecks;
import dev.corten.http.Headers;
import dev.corten.model.image.RegistryCredentials;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/// `POST /corten/v1/check`: looks for damage in the store. Our own; Podman's `system check` is alike.
///
/// What is missing is fetched as who the body says, `{"auths":{"HOST":{…}}}` with an object as in
/// `X-Registry-Auth` for each registry, or as nobody in particular.
///
/// The answer is a JSON object for each thing that was found, as soon as it is known.
final class CheckRoutes {
    private static final Headers JSON = Headers.of("Content-Type", "application/json");

    private final StoreChecks checks;

    CheckRoutes(Services services) {
        this.checks = services.checks();
    }

    List<Route> routes() {
        return List.of(Route.post("/corten/v1/check", Kind.SYSTEM, Effect.CHANGE, this::check));
    }

    private Response check(Request request) throws IOException {
        boolean repair = request.flag("repair");
        Map<String, RegistryCredentials> given =
                request.json().objectsByKey("auths", RegistryAuth::read);
        Map<String, RegistryCredentials> credentials = given == null ? Map.of() : given;
        return new Response.Streamed(
                200,
                JSON,
                out -> {
                    try {
                        checks.run(repair, credentials, finding -> tell(finding, out));
                    } catch (UncheckedIOException e) {
                        throw e.getCause();
                    }
                });
    }

    private static void tell(StoreChecks.Finding finding, OutputStream out) {
        try {
            out.write(
                    Json.object(o ->
                                    o.text("Kind", finding.kind())
                                            .text("Subject", finding.subject())
                                            .text("Problem", finding.problem())
                                            .text("Outcome", finding.outcome()))
                            .message());
            out.flush();
        } catch (IOException e) {
            // Whoever asked is gone.
            throw new UncheckedIOException(e);
        }
    }
}
