package dev.corten.registry.server.access;

/// A request that needs other credentials; carries what they would have to be.
public final class Challenge extends Exception {
    private static final long serialVersionUID = 1;

    private final String header;
    private final boolean known;

    /// @param header the value of `WWW-Authenticate`
    /// @param known whether the credentials are good, but not for this
    Challenge(String header, boolean known, String message) {
        super(message, null, false, false);
        this.header = header;
        this.known = known;
    }

    /// The value of `WWW-Authenticate`.
    public String header() {
        return header;
    }

    /// Whether the credentials are good, but not for this.
    public boolean isKnown() {
        return known;
    }
}
