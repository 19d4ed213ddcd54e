package dev.corten.api;

import dev.corten.api.wire.ImageJson;
import dev.corten.engine.build.classic.ClassicBuilds;
import dev.corten.engine.build.classic.ClassicFailure;
import dev.corten.engine.build.classic.ClassicMessage;
import dev.corten.engine.build.classic.ClassicRequest;
import dev.corten.http.Headers;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotImplemented;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;

/// `/build`, version 1: what Docker's clients without BuildKit ask for. `/session` and `/grpc` are
/// BuildKit's.
final class ClassicBuildRoutes {
    private static final Headers JSON = Headers.of("Content-Type", "application/json");

    private final ClassicBuilds builds;
    private final boolean experimental;

    ClassicBuildRoutes(Services services) {
        this.builds = services.classicBuilds();
        this.experimental = services.system().configuration().experimental();
    }

    List<Route> routes() {
        return List.of(
                Route.post("/build", Kind.BUILD, Effect.CREATE, this::build),
                Route.post("/build/cancel", Kind.BUILD, Effect.CHANGE, this::cancel),
                Route.post("/session", Kind.BUILD, Effect.CHANGE, this::session),
                Route.post("/grpc", Kind.BUILD, Effect.CHANGE, this::grpc));
    }

    private Response build(Request request) {
        ClassicRequest asked = BuildParameters.read(request, experimental);
        boolean withImages = request.version().atLeast(30);
        return new Response.Streamed(
                200,
                JSON,
                out -> {
                    request.exchange().interruptOnDisconnect();
                    try {
                        builds.build(asked, message -> tell(message, withImages, out));
                    } catch (ClassicFailure e) {
                        out.write(ImageJson.failure(e.message(), e.code()));
                    } catch (UncheckedIOException e) {
                        throw e.getCause();
                    }
                });
    }

    private static void tell(ClassicMessage message, boolean withImages, OutputStream out) {
        try {
            switch (message) {
                case ClassicMessage.Text(String text) -> out.write(ImageJson.stream(text));
                case ClassicMessage.Stage(Digest image) -> {
                    if (withImages) {
                        out.write(ImageJson.stage(image));
                    }
                }
                case ClassicMessage.Pull(var messages) -> {
                    for (var one : messages) {
                        out.write(PullRoutes.message(one));
                    }
                }
            }
            out.flush();
        } catch (IOException e) {
            // The client is gone.
            throw new UncheckedIOException(e);
        }
    }

    /// Ends builds of BuildKit, of which there are none.
    private Response cancel(Request request) {
        if (request.text("id").isEmpty()) {
            throw new InvalidParameter("build ID not provided");
        }
        return Response.empty(200);
    }

    private Response session(Request request) {
        if (!request.headers().has("Upgrade")) {
            throw new InvalidParameter("no upgrade proto in request");
        }
        throw new NotImplemented("BuildKit sessions are not supported by this engine");
    }

    private Response grpc(Request request) {
        if (!request.headers().has("Upgrade")) {
            throw new Internal("no upgrade proto in request");
        }
        throw new NotImplemented("BuildKit is not supported by this engine");
    }
}
