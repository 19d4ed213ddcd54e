package dev.corten.engine.container;

import dev.corten.model.container.RestartPolicy;
import java.time.Duration;
import java.util.Optional;

/// What a container's restart policy remembers from one exit to the next.
///
/// @param restarts since a user started the container
/// @param delay before the last of them, zero if there was none
/// @param off a user has asked for the end: the policy rests until a user starts the container
record BackOff(int restarts, Duration delay, boolean off) {
    static final BackOff NONE = new BackOff(0, Duration.ZERO, false);

    private static final Duration FIRST = Duration.ofMillis(100);
    static final Duration LONGEST = Duration.ofMinutes(1);

    /// Who has run for so long is not in trouble: the next delay is the first again.
    private static final Duration SETTLED = Duration.ofSeconds(10);

    /// What follows an exit; empty if nothing does.
    ///
    /// @param stopped whether a user wanted it
    /// @param ran for how long
    Optional<BackOff> after(RestartPolicy policy, int exitCode, boolean stopped, Duration ran) {
        if (off || !policy.restarts(exitCode, stopped, restarts)) {
            return Optional.empty();
        }
        boolean afresh = delay.isZero() || ran.compareTo(SETTLED) >= 0;
        Duration doubled = delay.multipliedBy(2);
        Duration next = afresh ? FIRST : doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
        return Optional.of(new BackOff(restarts + 1, next, false));
    }

    BackOff turnedOff() {
        return new BackOff(restarts, delay, true);
    }
}
