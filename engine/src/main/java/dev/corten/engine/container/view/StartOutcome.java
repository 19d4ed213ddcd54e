package dev.corten.engine.container.view;

/// What came of a request to start.
///
/// @param started false if it ran already
/// @param pid the first process, even if that has ended meanwhile; 0 if there is none
public record StartOutcome(boolean started, int pid) {}
