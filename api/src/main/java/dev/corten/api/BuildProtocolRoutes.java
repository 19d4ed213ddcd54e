package dev.corten.api;

import dev.corten.api.build.BuildConversation;
import dev.corten.engine.build.Builds;
import dev.corten.engine.build.context.BuildContexts;
import dev.corten.http.Upgraded;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;

/// `POST /corten/v1/build`: builds that ask their client for files, secrets and agents.
final class BuildProtocolRoutes {
    private static final String PROTOCOL = "corten-build/1";
    private static final byte[] HEAD =
            ("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "
                            + PROTOCOL
                            + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);

    private final Builds builds;
    private final BuildContexts contexts;
    private final Clock clock;

    BuildProtocolRoutes(Services services) {
        this.builds = services.builds();
        this.contexts = services.contexts();
        this.clock = services.clock();
    }

    List<Route> routes() {
        return List.of(Route.post("/corten/v1/build", Kind.BUILD, Effect.EXECUTE, this::build));
    }

    private Response build(Request request) throws IOException {
        if (!request.headers().hasToken("Upgrade", PROTOCOL)) {
            throw new InvalidParameter("the connection has to be upgraded to " + PROTOCOL);
        }
        var conversation = new BuildConversation(request.requiredJson(), builds, contexts, clock);
        return new Response.Connection((exchange, _) -> {
            try (Upgraded connection = exchange.upgrade(HEAD)) {
                conversation.run(connection.input(), connection.output());
            }
        });
    }
}
