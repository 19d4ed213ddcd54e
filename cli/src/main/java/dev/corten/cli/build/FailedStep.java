package dev.corten.cli.build;

import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.DetachKeys;
import dev.corten.cli.container.DebugCommand;
import java.io.IOException;

/// A shell in what a failed step left, for `--debug-shell`.
final class FailedStep {
    private FailedStep() {}

    /// @param container that the daemon has made for this; it goes when the build's connection ends
    static void open(Invocation invocation, String container) throws IOException {
        invocation.warn("A shell in the state before the step that failed:");
        DetachKeys keys = DetachKeys.parse(invocation.detachKeys());
        DebugCommand.follow(invocation, container, true, keys, "removed");
    }
}
