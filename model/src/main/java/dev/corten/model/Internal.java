package dev.corten.model;

/// The engine failed for a reason that the caller could not know (500).
public final class Internal extends CortenException {
    private static final long serialVersionUID = 1L;

    public Internal(String message) {
        super(message, null);
    }

    public Internal(String message, Throwable cause) {
        super(message, cause);
    }
}
