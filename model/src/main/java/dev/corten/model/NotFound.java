package dev.corten.model;

/// The named object does not exist (404).
public final class NotFound extends CortenException {
    private static final long serialVersionUID = 1L;

    public NotFound(String message) {
        super(message, null);
    }

    public NotFound(String message, Throwable cause) {
        super(message, cause);
    }
}
