package dev.corten.engine.container;

import dev.corten.model.Conflict;
import dev.corten.model.NotFound;
import dev.corten.model.PathBytes;
import dev.corten.model.container.Change;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What containers have changed in their file systems: `diff`.
public final class Differences {
    /// What an image need not have, and every container has.
    static final Set<PathBytes> MADE =
            Stream.of(
                            "/.dockerenv",
                            "/dev/console",
                            "/dev/pts",
                            "/dev/shm",
                            "/etc/hostname",
                            "/etc/hosts",
                            "/etc/resolv.conf",
                            "/proc",
                            "/sys")
                    .map(PathBytes::of)
                    .collect(Collectors.toUnmodifiableSet());

    private final Containers containers;
    private final Snapshots snapshots;

    public Differences(Containers containers, Snapshots snapshots) {
        this.containers = containers;
        this.snapshots = snapshots;
    }

    /// Sorted by path, directories before what is in them.
    public List<Change> of(String reference) throws IOException {
        Container container = containers.get(reference);
        try {
            return snapshots.changes(container.id, MADE);
        } catch (NotFound e) {
            throw new Conflict("container " + container.id + " is being removed", e);
        }
    }
}
