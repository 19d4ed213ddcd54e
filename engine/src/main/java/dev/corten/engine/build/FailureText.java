package dev.corten.engine.build;

import dev.corten.build.file.MissingSource;
import dev.corten.build.step.CommandFailure;
import dev.corten.kernel.Errno;
import dev.corten.model.CortenException;

/// What people are told of a step that failed.
public final class FailureText {
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
        return of(cause);
    }

    /// The words of a failure. What a system call says of itself is for the log: people are told what
    /// it means.
    public static String of(Throwable failure) {
        if (failure instanceof CortenException known) {
            return known.message();
        }
        String message = failure.getMessage();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Errno errno && message != null) {
                return message.replace(String.valueOf(errno.getMessage()), errno.words());
            }
        }
        return message == null ? failure.toString() : message;
    }
}
