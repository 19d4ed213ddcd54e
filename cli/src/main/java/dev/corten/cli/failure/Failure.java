package dev.corten.cli.failure;

/// The command cannot go on: one message for standard error and the exit code.
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    /// @param message without a line end; empty to print nothing
    public Failure(String message, int exitCode) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    public Failure(String message) {
        this(message, 1);
    }

    public String message() {
        return String.valueOf(getMessage());
    }

    public int exitCode() {
        return exitCode;
    }
}
