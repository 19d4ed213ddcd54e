package dev.corten.model;

/// The object's state, or another object, forbids the operation (409).
public final class Conflict extends CortenException {
    private static final long serialVersionUID = 1L;

    public Conflict(String message) {
        super(message, null);
    }

    public Conflict(String message, Throwable cause) {
        super(message, cause);
    }
}
