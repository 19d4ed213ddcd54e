package dev.corten.model;

/// The caller has not shown who it is (401).
public final class Unauthorized extends CortenException {
    private static final long serialVersionUID = 1L;

    public Unauthorized(String message) {
        super(message, null);
    }

    public Unauthorized(String message, Throwable cause) {
        super(message, cause);
    }
}
