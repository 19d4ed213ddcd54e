package dev.corten.cli;

/// The command cannot go on: one message for standard error and the exit code.
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    /// @param message without a line end; empty to print nothing
    Failure(String message, int exitCode) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    Failure(String message) {
        this(message, 1);
    }

    String message() {
        return String.valueOf(getMessage());
    }

    int exitCode() {
        return exitCode;
    }
}
