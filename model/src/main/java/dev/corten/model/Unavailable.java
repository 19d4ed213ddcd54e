package dev.corten.model;

/// Not possible for the engine in its present state (503).
public final class Unavailable extends CortenException {
    private static final long serialVersionUID = 1L;

    public Unavailable(String message) {
        super(message, null);
    }

    public Unavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
