package dev.corten.cli.build;

import dev.corten.cli.command.Invocation;
import dev.corten.cli.container.DebugCommand;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import java.io.IOException;

/// A shell in what a failed step left, for `--debug-shell`.
final class FailedStep {
    private FailedStep() {}

    /// @param container that the daemon kept; it is removed when the shell has ended
    static void open(Invocation invocation, String container) throws IOException {
        try {
            invocation.warn("\nA shell in the files of the failed step; `exit` removes them.");
            DebugCommand.shell(invocation, container);
        } finally {
            remove(invocation, container);
        }
    }

    private static void remove(Invocation invocation, String container) throws IOException {
        String path = "/containers/" + Request.segment(container);
        try {
            invocation.api().call(Request.delete(path).flag("force", true).flag("v", true));
        } catch (CortenException e) {
            invocation.warn("container " + container + " not removed: " + e.message());
        }
    }
}
