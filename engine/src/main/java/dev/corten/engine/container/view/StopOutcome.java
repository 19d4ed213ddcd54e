package dev.corten.engine.container.view;

/// What came of a request to stop.
public enum StopOutcome {
    STOPPED,
    NOT_RUNNING
}
