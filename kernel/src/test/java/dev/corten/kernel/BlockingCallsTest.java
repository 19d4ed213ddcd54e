package dev.corten.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.file.FileData;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class BlockingCallsTest {
    @Test
    void aCallThatDoesNotEndIsLeftAndItsLateResultClosed() throws Exception {
        try (var calls = new BlockingCalls(1, 4)) {
            var release = new CountDownLatch(1);
            Fd late = FileData.memfd("late");
            assertThatThrownBy(() ->
                            calls.call(
                                    "test",
                                    Duration.ofMillis(20),
                                    () -> {
                                        awaitUninterruptibly(release);
                                        return late;
                                    }))
                    .isInstanceOf(BlockingCalls.TimedOut.class)
                    .hasMessageContaining("test");
            release.countDown();
            // One thread: when the next call has run, the late one is over.
            assertThat(calls.call("next", Duration.ofSeconds(10), () -> "answer"))
                    .isEqualTo("answer");
            assertThat(late.isOpen()).isFalse();
        }
    }

    @Test
    void exceptionsArriveAsTheyAre() {
        try (var calls = new BlockingCalls(1, 4)) {
            assertThatThrownBy(() ->
                            calls.call(
                                    "test",
                                    Duration.ofSeconds(10),
                                    () -> {
                                        throw new Errno(Errno.EBUSY, "mount", "x");
                                    }))
                    .isInstanceOf(Errno.class);
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
