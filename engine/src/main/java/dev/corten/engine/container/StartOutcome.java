package dev.corten.engine.container;

/// What came of a request to start.
public enum StartOutcome {
    STARTED,
    ALREADY_RUNNING
}
