package dev.corten.systests;

import java.time.Duration;

/// How long to wait for what does not come.
final class Limits {
    /// Tests run against the stub: nothing they wait for will ever come.
    static final String STUB = "corten.systests.stub";

    private Limits() {}

    static boolean againstStub() {
        return Boolean.getBoolean(STUB);
    }

    static Duration patience() {
        return againstStub() ? Duration.ofMillis(700) : Duration.ofSeconds(30);
    }
}
