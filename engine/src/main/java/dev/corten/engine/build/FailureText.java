package dev.corten.engine.build;

import dev.corten.build.file.MissingSource;
import dev.corten.build.step.CommandFailure;
import dev.corten.model.CortenException;

/// What people are told of a step that failed.
final class FailureText {
    private FailureText() {}

    private static String missing(MissingSource missing) {
        String near =
                missing.nearest().isEmpty()
                        ? ""
                        : " (did you mean " + String.join(" or ", missing.nearest()) + "?)";
        return "failed to compute cache key: failed to calculate checksum of ref: "
                + missing.getMessage()
                + near;
    }

    static String of(Throwable cause, BuildRequest.Style style) {
        if (cause instanceof CommandFailure command && style == BuildRequest.Style.CLASSIC) {
            return "The command '"
                    + String.join(" ", command.arguments())
                    + "' returned a non-zero code: "
                    + command.exit().code();
        }
        if (cause instanceof MissingSource missing && style == BuildRequest.Style.BUILDKIT) {
            return missing(missing);
        }
        String message =
                cause instanceof CortenException known ? known.message() : cause.getMessage();
        return message == null ? cause.toString() : message;
    }
}
