package dev.corten.api.build;

import dev.corten.api.wire.Json;
import dev.corten.api.wire.JsonInput;
import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.engine.build.BuildFailure;
import dev.corten.engine.build.BuildRequest;
import dev.corten.engine.build.BuildResult;
import dev.corten.engine.build.Builds;
import dev.corten.engine.build.FailureText;
import dev.corten.engine.build.context.BuildContexts;
import dev.corten.model.ContainerId;
import dev.corten.model.CortenException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Consumer;

/// One build that a client has asked for on a connection of its own.
public final class BuildConversation {
    private final ProtocolRequest request;
    private final Builds builds;
    private final BuildContexts contexts;
    private final Clock clock;

    /// A container for the client to look into; it goes with the client.
    private Optional<ContainerId> opened = Optional.empty();

    /// @param json the request's body
    /// @throws dev.corten.model.InvalidParameter if it makes no sense
    public BuildConversation(JsonInput json, Builds builds, BuildContexts contexts, Clock clock) {
        this.request = ProtocolRequest.read(json);
        this.builds = builds;
        this.contexts = contexts;
        this.clock = clock;
    }

    /// Builds, and returns when the client has been told how it ended, or has left.
    public void run(InputStream in, OutputStream out) throws InterruptedException {
        Thread builder = Thread.currentThread();
        try (var connection = new FrameConnection(in, out, builder::interrupt)) {
            connection.start();
            Consumer<Json> end;
            try {
                end = build(connection);
            } catch (InterruptedException e) {
                return; // the client has left
            } catch (RuntimeException | Error e) {
                connection.message(Json.object(failure(e.toString())).toString());
                connection.finish();
                throw e;
            }
            tell(connection, end);
        } catch (IOException clientLeft) {
            // Nobody is there to be told.
        }
    }

    private void tell(FrameConnection connection, Consumer<Json> end)
            throws IOException, InterruptedException {
        Optional<ContainerId> shell = opened;
        try {
            connection.message(Json.escapedObject(end).toString());
            if (shell.isPresent()) {
                connection.awaitLeaving();
            } else {
                connection.finish();
            }
        } finally {
            if (shell.isPresent()) {
                builds.close(shell.get());
            }
        }
    }

    private Consumer<Json> build(FrameConnection connection) throws InterruptedException {
        var progress = new ProgressMessages(connection, clock);
        try (var made = new RequestedBuild(request, connection, contexts, progress)) {
            progress.building(made.dockerfileName(), made.dockerfile());
            try {
                if (request.dockerfile().isEmpty()) {
                    source(connection, made.dockerfile());
                }
                if (!request.call().isEmpty()) {
                    answer(connection, made.request(), progress);
                    return result -> result.object("result", r -> r.object("metadata", _ -> {}));
                }
                return result(builds.build(made.request(), progress));
            } catch (BuildFailure e) {
                progress.failed(e.message());
                opened = e.where().container();
                return failure(e, made.dockerfileName());
            } catch (CortenException | IOException | DockerfileException e) {
                progress.failed(message(e));
                return failure(message(e));
            }
        } catch (CortenException | IOException e) {
            progress.failed(message(e));
            return failure(before(e) + message(e));
        }
    }

    /// The client has not seen it, and shows its lines where something is wrong.
    private static void source(FrameConnection connection, byte[] dockerfile) throws IOException {
        String text = Base64.getEncoder().encodeToString(dockerfile);
        connection.message(Json.object(o -> o.text("source", text)).toString());
    }

    /// What BuildKit was about when a remote context could not be had.
    private String before(Exception e) {
        if (message(e).startsWith("failed to read dockerfile: ")) {
            return "";
        }
        return switch (request.context().orElse(null)) {
            case ContextJson.Git _ ->
                    message(e).startsWith("invalid subdir")
                            ? "failed to read dockerfile: "
                            : "failed to read dockerfile: failed to load cache key: ";
            case ContextJson.Http _ ->
                    "failed to read downloaded context: failed to load cache key: ";
            case null, default -> "";
        };
    }

    private void answer(FrameConnection connection, BuildRequest build, ProgressMessages progress)
            throws IOException, InterruptedException, BuildFailure, DockerfileException {
        String answer =
                switch (request.call()) {
                    case "check" -> CallAnswers.check(build, builds.check(build, progress));
                    case "targets" -> {
                        builds.definition(build, progress);
                        yield CallAnswers.targets(
                                Dockerfile.parse(build.dockerfile()), build.dockerfile());
                    }
                    default -> {
                        Optional<BuildFailure> failure = builds.check(build, progress).failure();
                        if (failure.isPresent()) {
                            throw failure.get();
                        }
                        yield Outline.of(
                                Dockerfile.parse(build.dockerfile()),
                                build.dockerfile(),
                                build.target(),
                                build.arguments());
                    }
                };
        connection.message("{\"answer\":" + answer + "}");
    }

    private static Consumer<Json> result(BuildResult result) {
        return end ->
                end.object(
                        "result",
                        r -> {
                            result.imageId().ifPresent(id -> r.text("imageId", id.toString()));
                            r.object(
                                    "metadata",
                                    m ->
                                            result.metadata()
                                                    .forEach((key, value) ->
                                                            m.plain(
                                                                    key,
                                                                    JsonInput.parseDocument(
                                                                            value.getBytes(
                                                                                    StandardCharsets
                                                                                            .UTF_8)))));
                        });
    }

    private static Consumer<Json> failure(BuildFailure failure, String file) {
        BuildFailure.Where where = failure.where();
        return end ->
                end.object(
                        "failure",
                        f -> {
                            f.text("message", failure.message());
                            f.numberIfAny("exitCode", where.exitCode());
                            if (where.firstLine() > 0) {
                                f.number("firstLine", where.firstLine())
                                        .number("lastLine", where.lastLine())
                                        .text("file", file);
                            }
                            where.container().ifPresent(id -> f.text("container", id.hex()));
                        });
    }

    private static Consumer<Json> failure(String message) {
        return end -> end.object("failure", f -> f.text("message", message));
    }

    private static String message(Exception e) {
        return FailureText.of(e);
    }
}
