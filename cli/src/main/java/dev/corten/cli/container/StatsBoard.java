package dev.corten.cli.container;

import dev.corten.cli.listing.Row;
import dev.corten.client.ApiClient;
import dev.corten.client.Json;
import dev.corten.client.JsonReader;
import dev.corten.client.Request;
import dev.corten.client.Response;
import dev.corten.model.CortenException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What is known of several containers right now. A thread for each of them reads what the daemon
/// says.
final class StatsBoard {
    private final ApiClient api;
    private final boolean stream;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();

    /// In the order of the lines; guarded by lock.
    private Map<String, Source> sources = new LinkedHashMap<>();

    /// What is said of one container; guarded by the board's lock.
    private static final class Source {
        private final String container;
        private Json last = Json.ABSENT;
        private String failure = "";
        private boolean ended;

        Source(String container) {
            this.container = container;
        }
    }

    /// @param stream whether to go on after the first answer
    StatsBoard(ApiClient api, boolean stream) {
        this.api = api;
        this.stream = stream;
    }

    /// Shows these containers, in this order, and no others.
    void show(List<String> containers) {
        lock.lock();
        try {
            var shown = new LinkedHashMap<String, Source>();
            for (String container : containers) {
                Source known = sources.get(container);
                shown.put(container, known != null && !known.ended ? known : begin(container));
            }
            sources = shown;
        } finally {
            lock.unlock();
        }
    }

    private Source begin(String container) {
        var source = new Source(container);
        Thread.ofPlatform().daemon().name("stats " + container).start(() -> read(source));
        return source;
    }

    private void read(Source source) {
        String failure = "";
        Request request = Request.get(EachContainer.path(source.container) + "/stats");
        request.query("stream", stream ? "1" : "0");
        try (Response response = api.send(request)) {
            var reports = new JsonReader(response.body());
            for (Json report = reports.next(); report != null; report = reports.next()) {
                if (!told(source, report)) {
                    return;
                }
            }
        } catch (CortenException e) {
            failure = "Error response from daemon: " + e.message();
        } catch (IOException e) {
            failure = String.valueOf(e.getMessage());
        }
        lock.lock();
        try {
            source.failure = failure;
            source.ended = true;
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Returns whether anybody is interested in more.
    private boolean told(Source source, Json report) {
        lock.lock();
        try {
            source.last = report;
            news.signalAll();
            return sources.get(source.container) == source;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until there is something to say of each container.
    void awaitFirst() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!sources.values().stream().allMatch(s -> s.ended || !s.last.isAbsent())) {
                news.await();
            }
        } finally {
            lock.unlock();
        }
    }

    void awaitMillis(long millis) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(millis);
            while (left > 0) {
                left = news.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /// What went wrong so far.
    List<String> failures() {
        lock.lock();
        try {
            return sources.values().stream().map(s -> s.failure).filter(f -> !f.isEmpty()).toList();
        } finally {
            lock.unlock();
        }
    }

    /// Whether nothing more will come.
    boolean isOver() {
        lock.lock();
        try {
            return sources.values().stream().allMatch(s -> s.ended);
        } finally {
            lock.unlock();
        }
    }

    List<Row> rows(boolean full) {
        lock.lock();
        try {
            var rows = new ArrayList<Row>();
            for (Source source : sources.values()) {
                if (!source.last.isAbsent() && !(stream && source.ended)) {
                    rows.add(StatsRow.of(source.container, source.last, full));
                } else if (!source.ended) {
                    rows.add(StatsRow.unknown(source.container));
                }
            }
            return rows;
        } finally {
            lock.unlock();
        }
    }
}
