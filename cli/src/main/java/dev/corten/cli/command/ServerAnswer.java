package dev.corten.cli.command;

import dev.corten.client.DaemonUnreachable;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import java.io.IOException;

/// What the daemon says of itself, for commands that have something to say without it as well.
///
/// @param document null if there is none
/// @param failure why there is none; empty if there is one
public record ServerAnswer(Json document, String failure) {
    public static ServerAnswer to(Request request, Invocation invocation) throws IOException {
        try {
            return new ServerAnswer(invocation.api().json(request), "");
        } catch (DaemonUnreachable e) {
            return new ServerAnswer(Json.NULL, String.valueOf(e.getMessage()));
        } catch (CortenException e) {
            return new ServerAnswer(Json.NULL, "Error response from daemon: " + e.message());
        }
    }

    public boolean isThere() {
        return failure.isEmpty();
    }

    /// Ends a command that has printed what it could.
    public int status(Invocation invocation) {
        if (isThere()) {
            return 0;
        }
        invocation.warn(failure);
        return 1;
    }
}
