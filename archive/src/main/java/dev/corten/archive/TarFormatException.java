package dev.corten.archive;

import java.io.IOException;

/// The bytes are no tar archive that we understand: damaged, cut short, or beyond a bound.
public final class TarFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    public TarFormatException(String message) {
        super(message);
    }
}
