package dev.corten.daemon.settings;

import java.util.List;

/// What the daemon was told cannot be. The message is dockerd's; the hints say where and what to do
/// about it.
public final class BadSettings extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> hints;

    BadSettings(String message) {
        this(message, List.of());
    }

    public BadSettings(String message, List<String> hints) {
        super(message);
        this.hints = List.copyOf(hints);
    }

    /// The message; unlike [Throwable#getMessage()] never null.
    public String message() {
        return String.valueOf(getMessage());
    }

    /// Lines to print below the message.
    public List<String> hints() {
        return hints == null ? List.of() : hints;
    }

    BadSettings within(String prefix) {
        return new BadSettings(prefix + message(), hints());
    }
}
