package dev.corten.cli.failure;

/// The command refuses what it was asked before the daemon sees it; shown like the daemon's own
/// refusals, but without their prefix.
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public Refusal(String message) {
        super(message, null, false, false);
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}
