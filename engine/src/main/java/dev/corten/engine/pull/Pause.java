package dev.corten.engine.pull;

import java.time.Duration;

/// Lets time pass.
@FunctionalInterface
interface Pause {
    void of(Duration time) throws InterruptedException;
}
