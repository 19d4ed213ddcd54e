package dev.corten.registry.client;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/// Makes requests again that may succeed a little later.
///
/// @param attempts in all
/// @param pause how to wait: tests do it by a clock of their own
record Retries(int attempts, Pause pause, Consumer<RetryNotice> notices) {
    /// Longer than this nobody is kept waiting: the registry's no is passed on.
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private static final Duration FIRST = Duration.ofMillis(500);

    @FunctionalInterface
    interface Pause {
        void sleep(Duration duration) throws InterruptedException;
    }

    @FunctionalInterface
    interface Attempt<T> {
        T run() throws IOException, InterruptedException;
    }

    /// @param patient whether somebody who is not there now may be there in a moment
    <T> T run(boolean patient, Attempt<T> attempt) throws IOException, InterruptedException {
        for (int number = 1; ; number++) {
            try {
                return attempt.run();
            } catch (RegistryFailure e) {
                after(number, e, e.passing() ? delay(number, e.retryAfter()) : Optional.empty());
            } catch (TransportFailure e) {
                boolean worth =
                        switch (e.kind()) {
                            case CUT -> true;
                            case REFUSED -> patient;
                            case FINAL -> false;
                        };
                after(number, e, worth ? delay(number, Optional.empty()) : Optional.empty());
            }
        }
    }

    /// Waits, or throws the failure if it is the last one.
    void after(int number, IOException failure, Optional<Duration> delay)
            throws IOException, InterruptedException {
        if (delay.isEmpty() || number >= attempts) {
            throw failure;
        }
        notices.accept(new RetryNotice(number, delay.get(), String.valueOf(failure.getMessage())));
        pause.sleep(delay.get());
    }

    /// How long to wait after an attempt; empty if that is too long.
    Optional<Duration> delay(int number, Optional<Duration> asked) {
        Duration usual = FIRST.multipliedBy(1L << Math.min(number - 1, 4));
        Duration delay = asked.filter(a -> a.compareTo(usual) > 0).orElse(usual);
        return delay.compareTo(LONGEST) > 0 ? Optional.empty() : Optional.of(delay);
    }

    Retries atMost(int limit) {
        return new Retries(Math.min(attempts, limit), pause, notices);
    }

    Retries telling(Consumer<RetryNotice> listener) {
        return new Retries(attempts, pause, listener);
    }
}
