package dev.corten.registry.server.settings;

/// Settings that a server cannot start with. The message names the setting.
public final class BadSettings extends Exception {
    private static final long serialVersionUID = 1;

    public BadSettings(String message) {
        super(message);
    }

    BadSettings(String message, Throwable cause) {
        super(message, cause);
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}
