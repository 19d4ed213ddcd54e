package dev.corten.daemon.settings;

/// A value that an option cannot have, in dockerd's words and without the option's name.
final class BadValue extends Exception {
    private static final long serialVersionUID = 1L;

    BadValue(String message) {
        super(message);
    }

    /// The message; unlike [Throwable#getMessage()] never null.
    String message() {
        return String.valueOf(getMessage());
    }
}
