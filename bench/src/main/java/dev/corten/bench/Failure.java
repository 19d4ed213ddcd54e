package dev.corten.bench;

/// A sample that could not be taken, or an option that makes no sense; the message is for the
/// reader.
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    Failure(String message) {
        super(message);
    }
}
