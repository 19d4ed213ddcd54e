package dev.corten.cli;

/// What this command calls itself.
final class Version {
    static final String NUMBER = "0.1.0";

    private Version() {}
}
