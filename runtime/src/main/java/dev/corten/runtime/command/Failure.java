package dev.corten.runtime.command;

/// What ends a command: a message, and the status to exit with.
final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;

    Failure(String message) {
        this(1, message);
    }

    Failure(int status, String message) {
        super(message);
        this.status = status;
    }

    Failure(String message, Throwable cause) {
        super(message, cause);
        this.status = 1;
    }

    int status() {
        return status;
    }

    static Failure unknown(String id) {
        return new Failure("container does not exist: " + id);
    }
}
