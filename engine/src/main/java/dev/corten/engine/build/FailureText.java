package dev.corten.engine.build;

import dev.corten.build.file.MissingSource;
import dev.corten.build.solve.Vertex;
import dev.corten.build.step.CommandFailure;
import dev.corten.kernel.Errno;
import dev.corten.model.CortenException;

/// What people are told of a step that failed.
public final class FailureText {
    private FailureText() {}

    /// What stands before the failure of what a step reads, where it is not the step that is told of.
    public static final String NO_KEY = "failed to compute cache key: ";

    private static String missing(MissingSource missing, Vertex vertex) {
        String near =
                missing.nearest().isEmpty()
                        ? ""
                        : " (did you mean " + String.join(" or ", missing.nearest()) + "?)";
        return NO_KEY
                + "failed to calculate checksum of ref "
                + vertex.operation().definition().shortHex()
                + ": "
                + missing.getMessage()
                + near;
    }

    static String of(Throwable cause, BuildRequest.Style style, Vertex vertex) {
        if (cause instanceof CommandFailure command && style == BuildRequest.Style.CLASSIC) {
            return "The command '"
                    + String.join(" ", command.arguments())
                    + "' returned a non-zero code: "
                    + command.exit().code();
        }
        if (cause instanceof MissingSource missing && style == BuildRequest.Style.BUILDKIT) {
            return missing(missing, vertex);
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
