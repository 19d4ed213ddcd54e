package dev.corten.api;

import dev.corten.engine.build.FailureText;
import dev.corten.model.Conflict;
import dev.corten.model.CortenException;
import dev.corten.model.Forbidden;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.NotImplemented;
import dev.corten.model.Unauthorized;
import dev.corten.model.Unavailable;
import dev.corten.model.Upstream;

/// The status and the words of what went wrong.
final class Failures {
    private Failures() {}

    static int status(Exception failure) {
        return failure instanceof CortenException known ? status(known) : 500;
    }

    private static int status(CortenException failure) {
        return switch (failure) {
            case InvalidParameter _ -> 400;
            case Unauthorized _ -> 401;
            case Forbidden _ -> 403;
            case NotFound _ -> 404;
            case Conflict _ -> 409;
            case Internal _ -> 500;
            case Upstream upstream -> upstream.status();
            case NotImplemented _ -> 501;
            case Unavailable _ -> 503;
        };
    }

    static String message(Exception failure) {
        return failure.getMessage() == null
                ? failure.getClass().getSimpleName()
                : FailureText.of(failure);
    }

    /// Whether nobody foresaw it, so that the log should tell where it happened.
    static boolean isUnexpected(Exception failure) {
        return !(failure instanceof CortenException);
    }
}
