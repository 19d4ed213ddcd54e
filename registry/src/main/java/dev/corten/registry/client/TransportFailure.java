package dev.corten.registry.client;

import java.io.IOException;

/// That no answer came, in Go's words.
final class TransportFailure extends IOException {
    private static final long serialVersionUID = 1L;

    enum Kind {
        /// Nobody is there; it may be for a moment only.
        REFUSED,
        /// The connection broke, or nothing came.
        CUT,
        /// It would be no better another time: certificates, names, protocols.
        FINAL
    }

    private final Kind kind;

    TransportFailure(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    TransportFailure(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
