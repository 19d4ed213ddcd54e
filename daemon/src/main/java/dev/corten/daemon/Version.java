package dev.corten.daemon;

/// What this build is.
final class Version {
    static final String CORTEN = "0.1.0";

    /// The newest version of the Engine API that is spoken.
    static final String API = "1.51";

    private Version() {}
}
