package dev.corten.engine.container;

import dev.corten.engine.log.LogReader;
import dev.corten.engine.log.LogSink;
import dev.corten.engine.log.LogWatch;
import dev.corten.engine.log.LogWatches;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotImplemented;
import dev.corten.model.container.ContainerStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Reads the logs of containers.
final class ContainerLogs {
    private static final String LOCAL = "local-logs";

    private final ContainerTable table;
    private final LogWatches watches;

    ContainerLogs(ContainerTable table, LogWatches watches) {
        this.table = table;
        this.watches = watches;
    }

    /// The directory that holds the container's log. That of the driver `local` holds nothing else.
    static Path directory(Container container) {
        return isLocal(container) ? container.directory.resolve(LOCAL) : container.directory;
    }

    static String name(Container container) {
        return isLocal(container) ? "container.log" : container.id + "-json.log";
    }

    private static boolean isLocal(Container container) {
        return container.host.logConfig().type().equals("local");
    }

    /// What `inspect` shows: the file that others may read, if there is one.
    static String shownPath(Container container) {
        return container.host.logConfig().type().equals("json-file")
                ? directory(container).resolve(name(container)).toString()
                : "";
    }

    static LogReader reader(Container container) {
        return new LogReader(directory(container), name(container));
    }

    /// What stands before each line for those who want details.
    ///
    /// @throws NotImplemented if there is nothing to be read
    String details(String reference) {
        Container container = table.get(reference);
        requireReadable(container);
        return LogAttributes.of(container);
    }

    private static void requireReadable(Container container) {
        if (container.host.logConfig().type().equals("none")) {
            throw new NotImplemented("configured logging driver does not support reading");
        }
    }

    /// Gives the container's log; with `follow` until the container ends or the sink fails.
    void read(String reference, LogRequest request, LogSink sink)
            throws IOException, InterruptedException {
        Container container = table.get(reference);
        if (!request.stdout() && !request.stderr()) {
            throw new InvalidParameter("Bad parameters: you must choose at least one stream");
        }
        requireReadable(container);
        LogReader reader = reader(container);
        LogSink filtered = new LogFilter(request, sink);
        if (!request.follow() || !(container.status() instanceof ContainerStatus.Running)) {
            reader.read(request.tail(), Optional.empty(), filtered);
            return;
        }
        try (LogWatch watch = watches.open(directory(container))) {
            var exit = container.await(WaitCondition.NOT_RUNNING);
            try {
                exit.thenRun(watch::end);
                reader.follow(request.tail(), watch, filtered);
            } finally {
                exit.cancel(false);
            }
        } catch (LogFilter.Done enough) {
            sink.flush();
        }
    }
}
