package dev.corten.model;

/// The operation is never allowed on this object (403).
public final class Forbidden extends CortenException {
    private static final long serialVersionUID = 1L;

    public Forbidden(String message) {
        super(message, null);
    }

    public Forbidden(String message, Throwable cause) {
        super(message, cause);
    }
}
