package dev.corten.engine.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.model.container.RestartPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackOffTest {
    private static final RestartPolicy ALWAYS = new RestartPolicy("always", 0);
    private static final RestartPolicy UNLESS_STOPPED = new RestartPolicy("unless-stopped", 0);
    private static final RestartPolicy THRICE = new RestartPolicy("on-failure", 3);

    private static final Duration SHORT = Duration.ofMillis(9_999);

    @Test
    void delaysDoubleFromATenthOfASecondToAMinute() {
        var delays = new ArrayList<Long>();
        BackOff backOff = BackOff.NONE;
        for (int i = 0; i < 12; i++) {
            backOff = backOff.after(ALWAYS, 1, false, SHORT).orElseThrow();
            delays.add(backOff.delay().toMillis());
        }
        assertThat(delays)
                .isEqualTo(
                        List.of(
                                100L, 200L, 400L, 800L, 1_600L, 3_200L, 6_400L, 12_800L, 25_600L,
                                51_200L, 60_000L, 60_000L));
        assertThat(backOff.restarts()).isEqualTo(12);
    }

    @Test
    void tenSecondsOfRunningMakeTheNextDelayTheFirst() {
        var late = new BackOff(7, Duration.ofMinutes(1), false);
        assertThat(late.after(ALWAYS, 1, false, Duration.ofSeconds(10)))
                .contains(new BackOff(8, Duration.ofMillis(100), false));
    }

    @Test
    void onFailureCountsFailures() {
        assertThat(BackOff.NONE.after(THRICE, 0, false, SHORT)).isEmpty();
        var used = new BackOff(3, Duration.ofMillis(400), false);
        assertThat(used.after(THRICE, 1, false, SHORT)).isEmpty();
        assertThat(used.after(new RestartPolicy("on-failure", 0), 1, false, SHORT)).isPresent();
    }

    @Test
    void aStopIsHonouredByUnlessStopped() {
        assertThat(BackOff.NONE.after(UNLESS_STOPPED, 0, false, SHORT)).isPresent();
        assertThat(BackOff.NONE.after(UNLESS_STOPPED, 0, true, SHORT)).isEmpty();
        assertThat(BackOff.NONE.after(ALWAYS, 0, true, SHORT)).isPresent();
    }

    @Test
    void offIsOff() {
        assertThat(BackOff.NONE.turnedOff().after(ALWAYS, 1, false, SHORT)).isEmpty();
        assertThat(BackOff.NONE.after(RestartPolicy.NO, 1, false, SHORT)).isEmpty();
    }
}
