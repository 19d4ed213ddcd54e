package dev.corten.registry.client;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// What registries said when they were greeted, for a short time: it saves a round trip with each
/// image of a series.
final class Greetings {
    private static final Duration LIFETIME = Duration.ofSeconds(60);
    private static final Duration NEW = Duration.ofSeconds(1);
    private static final int LIMIT = 256;

    private record Greeting(List<Challenge> challenges, Instant until) {}

    private final InstantSource clock;
    private final Map<Endpoint, Greeting> greetings = new ConcurrentHashMap<>();

    Greetings(InstantSource clock) {
        this.clock = clock;
    }

    Optional<List<Challenge>> known(Endpoint endpoint) {
        Greeting greeting = greetings.get(endpoint);
        return greeting == null || greeting.until().isBefore(clock.instant())
                ? Optional.empty()
                : Optional.of(greeting.challenges());
    }

    /// Whether it was said just now, so that asking again would give the same.
    boolean isNew(Endpoint endpoint) {
        Greeting greeting = greetings.get(endpoint);
        return greeting != null
                && clock.instant().plus(LIFETIME).minus(NEW).isBefore(greeting.until());
    }

    void remember(Endpoint endpoint, List<Challenge> challenges) {
        if (greetings.size() >= LIMIT) {
            greetings.clear();
        }
        greetings.put(
                endpoint, new Greeting(List.copyOf(challenges), clock.instant().plus(LIFETIME)));
    }

    void forget(Endpoint endpoint) {
        greetings.remove(endpoint);
    }
}
