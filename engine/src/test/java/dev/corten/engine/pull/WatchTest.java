package dev.corten.engine.pull;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WatchTest {
    private final Watch watch = new Watch(List.of(), false, Duration.ofHours(1));

    private static PullMessage step(String text) {
        return new PullMessage.Step("layer", text);
    }

    @Test
    void theFirstMessageIsHandedOverAndTheNextOnesTogether() throws Exception {
        watch.say(step("a"));
        assertThat(watch.next()).containsExactly(step("a"));
        watch.say(step("b"));
        Thread waiting = Thread.currentThread();
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    while (waiting.getState() != Thread.State.TIMED_WAITING) {
                        Thread.onSpinWait();
                    }
                    watch.say(step("c"));
                    watch.end();
                });
        assertThat(watch.next()).containsExactly(step("b"), step("c"));
    }

    @Test
    void theEndWaitsForNothing() throws Exception {
        watch.say(step("a"));
        watch.next();
        watch.say(step("b"));
        Thread ending = Thread.ofPlatform().start(watch::end);
        assertThat(watch.next()).containsExactly(step("b"));
        assertThat(watch.next()).isEmpty();
        ending.join();
    }

    @Test
    void onlyTheLatestProgressOfAStepIsKept() throws Exception {
        watch.say(new PullMessage.Progress("x", "Downloading", 1, 9));
        watch.say(new PullMessage.Progress("y", "Downloading", 2, 9));
        watch.say(new PullMessage.Progress("x", "Downloading", 3, 9));
        assertThat(watch.next())
                .containsExactly(
                        new PullMessage.Progress("y", "Downloading", 2, 9),
                        new PullMessage.Progress("x", "Downloading", 3, 9));
    }
}
