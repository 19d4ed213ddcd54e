package dev.corten.registry.server.event;

import dev.corten.registry.JdkHttp;
import dev.corten.registry.server.settings.ServerSettings.Endpoint;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What one endpoint is still to be told. One thread sends, one event after the other; an event is
/// tried until the endpoint takes it. While it does not, the newest events wait in memory, and
/// beyond a bound are dropped.
public final class EndpointQueue implements AutoCloseable {
    private static final Logger LOG = System.getLogger(EndpointQueue.class.getName());
    private static final int MAX_WAITING = 10_000;
    private static final String MEDIA_TYPE = "application/vnd.docker.distribution.events.v1+json";

    static {
        JdkHttp.prepare();
    }

    private final Endpoint endpoint;
    private final String source;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();

    /// Guarded by lock, as all below.
    private final ArrayDeque<Event> waiting = new ArrayDeque<>();

    private long sent;
    private long failed;
    private long dropped;
    private boolean closing;
    private @Nullable Thread thread;

    /// @param name of the endpoint
    public record Counts(String name, int pending, long sent, long failed, long dropped) {}

    EndpointQueue(Endpoint endpoint, String source) {
        this.endpoint = endpoint;
        this.source = source;
    }

    void open() {
        thread = Thread.ofVirtual().name("notify " + endpoint.name()).start(this::send);
    }

    void add(Event event) {
        if (endpoint.ignoredActions().contains(event.action())
                || endpoint.ignoredMediaTypes().contains(event.target().mediaType())) {
            return;
        }
        boolean full;
        lock.lock();
        try {
            full = waiting.size() >= MAX_WAITING;
            if (full) {
                dropped++;
            } else {
                waiting.add(event);
                added.signal();
            }
        } finally {
            lock.unlock();
        }
        if (full) {
            LOG.log(
                    Level.WARNING,
                    () -> "notification endpoint " + endpoint.name() + ": dropped an event");
        }
    }

    Counts counts() {
        lock.lock();
        try {
            return new Counts(endpoint.name(), waiting.size(), sent, failed, dropped);
        } finally {
            lock.unlock();
        }
    }

    private void send() {
        try (HttpClient client =
                HttpClient.newBuilder()
                        .connectTimeout(endpoint.timeout())
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
            while (true) {
                Event event = next();
                if (event == null) {
                    client.shutdownNow();
                    return;
                }
                deliver(client, event);
            }
        } catch (InterruptedException _) {
            // The server ends: what is waiting still is lost, as with Docker Registry.
        }
    }

    /// Waits for one; null at the end.
    private @Nullable Event next() throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closing) {
                added.await();
            }
            return waiting.poll();
        } finally {
            lock.unlock();
        }
    }

    private void deliver(HttpClient client, Event event) throws InterruptedException {
        int failures = 0;
        while (true) {
            String problem = attempt(client, event);
            lock.lock();
            try {
                if (problem.isEmpty()) {
                    sent++;
                    return;
                }
                failed++;
                if (closing) {
                    return;
                }
            } finally {
                lock.unlock();
            }
            failures++;
            if (failures == 1 || failures % endpoint.threshold() == 0) {
                LOG.log(
                        Level.WARNING,
                        () -> "notification endpoint " + endpoint.name() + ": " + problem);
            }
            // Before the threshold at once again, but not as fast as can be.
            Duration pause =
                    failures < endpoint.threshold() ? Duration.ofMillis(20) : endpoint.backoff();
            Thread.sleep(pause);
        }
    }

    /// @return why it failed; `""` if it did not
    private String attempt(HttpClient client, Event event) throws InterruptedException {
        try {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(endpoint.url()))
                            .timeout(endpoint.timeout())
                            .header("Content-Type", MEDIA_TYPE)
                            .POST(HttpRequest.BodyPublishers.ofByteArray(event.envelope(source)));
            for (int i = 0; i < endpoint.headers().size(); i += 2) {
                request.header(endpoint.headers().get(i), endpoint.headers().get(i + 1));
            }
            int status =
                    client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                            .statusCode();
            return status >= 200 && status < 400 ? "" : "answered with status " + status;
        } catch (IOException | IllegalArgumentException e) {
            return String.valueOf(e);
        }
    }

    /// Gives what is waiting one attempt each within the endpoint's time, then gives up.
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            added.signalAll();
        } finally {
            lock.unlock();
        }
        Thread sender = thread;
        if (sender == null) {
            return;
        }
        try {
            if (!sender.join(endpoint.timeout().multipliedBy(2))) {
                sender.interrupt();
                sender.join();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
