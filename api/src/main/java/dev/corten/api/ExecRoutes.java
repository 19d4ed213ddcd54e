package dev.corten.api;

import static dev.corten.api.Response.empty;
import static dev.corten.api.Response.json;

import dev.corten.api.wire.ExecJson;
import dev.corten.api.wire.Json;
import dev.corten.api.wire.JsonInput;
import dev.corten.engine.container.Debugging;
import dev.corten.engine.exec.Execs;
import dev.corten.engine.stream.ClientStream;
import dev.corten.http.ClientSocket;
import dev.corten.http.Exchange;
import dev.corten.http.Headers;
import dev.corten.model.ContainerId;
import dev.corten.model.CortenException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// `/exec`: further processes in running containers.
final class ExecRoutes {
    private static final int STDOUT = 1;

    private final Execs execs;
    private final Debugging debugging;

    ExecRoutes(Services services) {
        this.execs = services.execs();
        this.debugging = services.debugging();
    }

    List<Route> routes() {
        return List.of(
                Route.post("/containers/{name}/exec", Kind.EXEC, Effect.CREATE, this::create),
                Route.post(
                        "/corten/v1/containers/{name}/debug",
                        Kind.EXEC,
                        Effect.CREATE,
                        this::debug),
                Route.post("/exec/{id}/start", Kind.EXEC, Effect.EXECUTE, this::start),
                Route.post("/exec/{id}/resize", Kind.EXEC, Effect.EXECUTE, this::resize),
                Route.get("/exec/{id}/json", Kind.EXEC, Effect.READ, this::inspect));
    }

    private Response create(Request request) throws IOException {
        String id = execs.create(request.name(), ExecJson.readConfig(request.json()));
        return json(201, ExecJson.created(id));
    }

    /// An exec that brings its own tools, or a container that shows the files of one that does not
    /// run; they are started as any others.
    private Response debug(Request request) throws IOException, InterruptedException {
        return switch (debugging.create(request.name(), ExecJson.readDebug(request.json()))) {
            case Debugging.Shell.Inside(String exec) -> json(201, ExecJson.created(exec));
            case Debugging.Shell.Beside(ContainerId container) ->
                    json(201, Json.object(o -> o.text("Container", container.hex())));
        };
    }

    private Response inspect(Request request) throws InterruptedException {
        return json(ExecJson.inspect(execs.inspect(request.variable("id"))));
    }

    private Response resize(Request request) throws IOException, InterruptedException {
        TerminalSize size = TerminalSize.of(request);
        execs.resize(request.variable("id"), size.rows(), size.columns());
        return empty(200);
    }

    private Response start(Request request) throws IOException, InterruptedException {
        String id = request.variable("id");
        JsonInput options = request.json();
        boolean tty = options.flag("Tty");
        execs.checkStart(id);
        if (options.flag("Detach")) {
            execs.start(id, tty, Optional.empty());
            return empty(200);
        }
        return new Response.Connection(
                (exchange, common) -> start(id, tty, request, exchange, common));
    }

    private void start(String id, boolean tty, Request request, Exchange exchange, Headers common)
            throws IOException, InterruptedException {
        String type = StreamRoutes.streamType(request, tty);
        ClientSocket socket = exchange.takeSocket(StreamRoutes.head(request, type, common));
        // The head is out: from here on errors can only be told in the stream. The socket is the
        // engine's then, so that takes a descriptor of its own.
        try (ClientSocket lastWord = socket.duplicate()) {
            try {
                execs.start(
                        id, tty, Optional.of(new ClientStream(socket.fd(), socket.readAhead())));
            } catch (CortenException e) {
                byte[] text = (e.message() + "\r\n").getBytes(StandardCharsets.UTF_8);
                lastWord.sendNow(tty ? text : Frames.frame(STDOUT, text));
                socket.close();
            }
        }
    }
}
