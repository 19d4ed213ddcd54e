package dev.corten.cli.container;

import dev.corten.cli.command.Invocation;
import dev.corten.client.ApiClient;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.client.Response;
import java.io.IOException;

/// How a container ended, from the API's `wait`.
final class ExitStatus {
    private static final int UNKNOWN = 125;

    private ExitStatus() {}

    /// Begins to wait; when this returns, the daemon is watching. The caller closes the response.
    ///
    /// @param condition `next-exit`, `removed`, `not-running`, or empty for the daemon's usual one
    static Response await(ApiClient api, String container, String condition) throws IOException {
        Request request = Request.post("/containers/" + Request.segment(container) + "/wait");
        return api.send(condition.isEmpty() ? request : request.query("condition", condition));
    }

    static Json read(Response wait) throws IOException {
        return wait.json();
    }

    /// The exit code; 125 with a message if the daemon went away or could not tell.
    static int of(Response wait, Invocation invocation) {
        Json status;
        try {
            status = read(wait);
        } catch (IOException e) {
            invocation.warn("error waiting for container: " + e.getMessage());
            return UNKNOWN;
        }
        String error = status.get("Error").get("Message").text("");
        if (!error.isEmpty()) {
            invocation.warn("Error waiting for container: " + error);
            return UNKNOWN;
        }
        return (int) status.get("StatusCode").integer(UNKNOWN);
    }
}
