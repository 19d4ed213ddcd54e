package dev.corten.cli.build;

import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.DetachKeys;
import dev.corten.cli.container.DebugCommand;
import dev.corten.client.ApiClient;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import java.io.IOException;

/// A shell in what a failed step left, for `--debug-shell`.
final class FailedStep {
    private FailedStep() {}

    /// @param container that the daemon has made for this; it is removed when the shell has ended
    static void open(Invocation invocation, String container) throws IOException {
        ApiClient api = invocation.api();
        String path = "/containers/" + Request.segment(container);
        String image = api.json(Request.get(path + "/json")).get("Image").text("");
        try {
            invocation.warn("A shell in the state before the step that failed:");
            DetachKeys keys = DetachKeys.parse(invocation.detachKeys());
            DebugCommand.follow(invocation, container, true, keys, "next-exit");
        } finally {
            remove(invocation, Request.delete(path).flag("force", true).flag("v", true));
            remove(invocation, Request.delete("/images/" + image));
        }
    }

    private static void remove(Invocation invocation, Request request) throws IOException {
        try {
            invocation.api().call(request);
        } catch (CortenException e) {
            invocation.warn("not removed: " + e.message());
        }
    }
}
