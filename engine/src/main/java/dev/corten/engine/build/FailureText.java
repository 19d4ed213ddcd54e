package dev.corten.engine.build;

import dev.corten.build.step.CommandFailure;
import dev.corten.model.CortenException;

/// What people are told of a step that failed.
final class FailureText {
    private FailureText() {}

    static String of(Throwable cause, BuildRequest.Style style) {
        if (cause instanceof CommandFailure command && style == BuildRequest.Style.CLASSIC) {
            return "The command '"
                    + String.join(" ", command.arguments())
                    + "' returned a non-zero code: "
                    + command.exit().code();
        }
        String message =
                cause instanceof CortenException known ? known.message() : cause.getMessage();
        return message == null ? cause.toString() : message;
    }
}
