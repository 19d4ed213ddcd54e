package dev.corten.engine.container;

/// What came of a request to stop.
public enum StopOutcome {
    STOPPED,
    NOT_RUNNING
}
