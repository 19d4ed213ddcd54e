package dev.corten.model;

/// The request itself is wrong, whatever the state of the engine (400).
public final class InvalidParameter extends CortenException {
    private static final long serialVersionUID = 1L;

    public InvalidParameter(String message) {
        super(message, null);
    }

    public InvalidParameter(String message, Throwable cause) {
        super(message, cause);
    }
}
