package dev.corten.api;

import dev.corten.api.wire.Json;
import dev.corten.engine.image.StoreChecks;
import dev.corten.http.Headers;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;

/// `POST /corten/v1/check`: looks for damage in the store. Our own; Podman's `system check` is alike.
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

    private Response check(Request request) {
        boolean repair = request.flag("repair");
        return new Response.Streamed(
                200,
                JSON,
                out -> {
                    try {
                        checks.run(repair, finding -> tell(finding, out));
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
