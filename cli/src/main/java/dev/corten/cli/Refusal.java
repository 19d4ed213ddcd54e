package dev.corten.cli;

/// The command refuses what it was asked before the daemon sees it; shown like the daemon's own
/// refusals, but without their prefix.
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refusal(String message) {
        super(message, null, false, false);
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
