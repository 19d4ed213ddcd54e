package dev.corten.engine.exec;

import dev.corten.model.ContainerId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Which execs there are. Apart from [Execs], as containers ask it what runs in them.
public final class ExecTable {
    private final Map<String, Exec> execs = new ConcurrentHashMap<>();

    void add(Exec exec) {
        execs.put(exec.id, exec);
    }

    void remove(Exec exec) {
        execs.remove(exec.id);
    }

    Optional<Exec> find(String id) {
        return Optional.ofNullable(execs.get(id));
    }

    /// The IDs of those that run in a container.
    public List<String> running(ContainerId container) {
        if (execs.isEmpty()) {
            return List.of();
        }
        return execs.values().stream()
                .filter(exec -> exec.container.equals(container) && exec.view().running())
                .map(exec -> exec.id)
                .sorted()
                .toList();
    }

    /// Forgets the execs of a container that is no more.
    public void containerRemoved(ContainerId container) {
        execs.values().removeIf(exec -> exec.container.equals(container));
    }

    void forgetEndedBefore(Instant limit) {
        execs.values().removeIf(exec -> exec.endedBefore(limit));
    }
}
