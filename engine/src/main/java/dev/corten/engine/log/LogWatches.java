package dev.corten.engine.log;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One inotify for all who follow a log, and the thread that reads it; made with the first
/// follower.
public final class LogWatches implements AutoCloseable {
    private record Watched(WatchKey key, List<LogWatch> followers) {}

    /// guarded by this
    private final Map<Path, Watched> directories = new HashMap<>();

    /// guarded by this
    private @Nullable WatchService service;

    /// Watches the directory that holds a log.
    public synchronized LogWatch open(Path directory) throws IOException {
        var watch = new LogWatch[1];
        watch[0] = new LogWatch(() -> forget(directory, watch[0]));
        Watched watched = directories.get(directory);
        if (watched == null) {
            watched = new Watched(register(directory), new ArrayList<>());
            directories.put(directory, watched);
        }
        watched.followers.add(watch[0]);
        return watch[0];
    }

    private WatchKey register(Path directory) throws IOException {
        WatchService running = service;
        if (running == null) {
            running = directory.getFileSystem().newWatchService();
            service = running;
            WatchService mine = running;
            Thread.ofPlatform().daemon().name("log-watches").start(() -> deliver(mine));
        }
        return directory.register(
                running,
                StandardWatchEventKinds.ENTRY_CREATE,
                StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE);
    }

    private void deliver(WatchService from) {
        try {
            while (true) {
                WatchKey key = from.take();
                key.pollEvents();
                boolean valid = key.reset();
                for (LogWatch follower : followers(key)) {
                    follower.changed();
                    if (!valid) {
                        follower.end();
                    }
                }
            }
        } catch (ClosedWatchServiceException | InterruptedException e) {
            // close() was called: nobody follows any more
        }
    }

    private synchronized List<LogWatch> followers(WatchKey key) {
        Optional<Watched> watched =
                directories.values().stream().filter(w -> w.key.equals(key)).findFirst();
        return watched.map(w -> List.copyOf(w.followers)).orElse(List.of());
    }

    private synchronized void forget(Path directory, LogWatch watch) {
        Watched watched = directories.get(directory);
        if (watched != null) {
            watched.followers.remove(watch);
            if (watched.followers.isEmpty()) {
                watched.key.cancel();
                directories.remove(directory);
            }
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (service != null) {
            service.close();
        }
    }
}
