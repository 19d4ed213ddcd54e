package dev.corten.daemon;

import dev.corten.engine.build.step.Steps;
import dev.corten.engine.container.Containers;
import dev.corten.http.Handler;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// Ends the build steps of an earlier daemon and takes over its containers while this one listens
/// already. Requests wait for that, except for those that only ask whether a daemon is there.
final class Opening {
    private static final Pattern PING = Pattern.compile("(/v[0-9.]+)?/_ping");

    private final Steps steps;
    private final Containers containers;
    private final Consumer<Throwable> failed;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean begun;

    /// @param failed hears of it if that is not possible; no request is answered then
    Opening(Steps steps, Containers containers, Consumer<Throwable> failed) {
        this.steps = steps;
        this.containers = containers;
        this.failed = failed;
    }

    void begin() {
        begun = true;
        Thread.ofPlatform()
                .name("opening")
                .start(() -> {
                    try {
                        steps.open();
                        containers.open();
                        done.countDown();
                    } catch (IOException | InterruptedException | RuntimeException e) {
                        failed.accept(e);
                    }
                });
    }

    Handler gating(Handler handler) {
        return exchange -> {
            // As sent: what cannot be decoded is the handler's to refuse.
            if (!PING.matcher(exchange.rawPath()).matches()) {
                done.await();
            }
            handler.handle(exchange);
        };
    }

    boolean hasBegun() {
        return begun;
    }

    boolean isDone() {
        return done.getCount() == 0;
    }

    /// Waits until nothing of it goes on, but not for ever.
    void await(Duration limit) {
        if (!begun) {
            return;
        }
        try {
            done.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
