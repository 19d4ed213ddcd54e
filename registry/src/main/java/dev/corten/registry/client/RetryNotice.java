package dev.corten.registry.client;

import java.time.Duration;

/// That a request is made again.
///
/// @param attempt which one has failed, from 1
/// @param delay what is waited for before the next one
/// @param cause why it failed, for a log
public record RetryNotice(int attempt, Duration delay, String cause) {}
