package dev.corten.model;

import org.jspecify.annotations.Nullable;

/// A failure that has one of the kinds that the Engine API knows.
///
/// The kind is decided where the facts are known; the HTTP status follows from it in one place of
/// the `api` module, and the client maps it back. The message is what the user reads: lower case,
/// no full stop, the object's kind and name, then the cause; Docker's exact words where its
/// clients read them.
public abstract sealed class CortenException extends RuntimeException
        permits NotFound,
                Conflict,
                InvalidParameter,
                Unauthorized,
                Forbidden,
                NotImplemented,
                Unavailable,
                Upstream,
                Internal {
    private static final long serialVersionUID = 1L;

    CortenException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /// The message; unlike [Throwable#getMessage()] never null.
    public final String message() {
        return String.valueOf(getMessage());
    }
}
