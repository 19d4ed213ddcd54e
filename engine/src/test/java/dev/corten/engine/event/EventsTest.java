package dev.corten.engine.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class EventsTest {
    private final Events events = new Events(Clock.systemUTC());

    @Test
    void givesThePastThenThePresentWithoutAGap() throws InterruptedException {
        events.publish("container", "create", "1", Map.of("b", "2", "a", "1"));
        try (var subscription = events.subscribe(Optional.of(Instant.EPOCH), e -> true)) {
            events.publish("container", "start", "1", Map.of());
            assertThat(subscription.next(null).orElseThrow().action()).isEqualTo("create");
            assertThat(subscription.next(null).orElseThrow().action()).isEqualTo("start");
            assertThat(subscription.next(Instant.EPOCH)).isEmpty();
        }
        assertThat(events.listeners()).isZero();
    }

    @Test
    void withoutSinceThereIsNoPast() throws InterruptedException {
        events.publish("container", "create", "1", Map.of());
        try (var subscription = events.subscribe(Optional.empty(), e -> true)) {
            assertThat(subscription.next(Instant.EPOCH)).isEmpty();
        }
    }

    @Test
    void aListenerThatDoesNotReadLosesItsSubscriptionOnly() throws InterruptedException {
        try (var subscription = events.subscribe(Optional.empty(), e -> true)) {
            for (int i = 0; i < 5000; i++) {
                events.publish("container", "create", "1", Map.of());
            }
            assertThat(events.listeners()).isZero();
            assertThat(subscription.next(Instant.EPOCH)).isPresent();
        }
    }
}
