package dev.corten.registry.server.access;

/// A request that needs other credentials; carries what they would have to be.
public final class Challenge extends Exception {
    private static final long serialVersionUID = 1;

    private final String header;

    /// @param header the value of `WWW-Authenticate`
    Challenge(String header, String message) {
        super(message, null, false, false);
        this.header = header;
    }

    /// The value of `WWW-Authenticate`.
    public String header() {
        return header;
    }
}
