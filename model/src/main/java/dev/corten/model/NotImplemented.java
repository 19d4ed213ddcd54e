package dev.corten.model;

/// Known, and not there (501).
public final class NotImplemented extends CortenException {
    private static final long serialVersionUID = 1L;

    public NotImplemented(String message) {
        super(message, null);
    }

    public NotImplemented(String message, Throwable cause) {
        super(message, cause);
    }
}
