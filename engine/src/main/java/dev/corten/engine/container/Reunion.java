package dev.corten.engine.container;

import dev.corten.kernel.Fd;
import dev.corten.model.ContainerId;
import dev.corten.runtime.Monitor;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Finds the monitors that an earlier daemon left, all at once: each on a virtual thread, so that
/// one that does not answer keeps nobody waiting but its own container.
final class Reunion {
    private static final Logger LOG = System.getLogger(Reunion.class.getName());

    /// A monitor that lives.
    ///
    /// @param ports the sockets that it kept
    record Found(Monitor monitor, List<Fd> ports) {}

    private final Map<ContainerId, CompletableFuture<Optional<Found>>> searches = new HashMap<>();

    /// Begins.
    ///
    /// @param candidates who may have a monitor
    Reunion(Collection<Container> containers, Set<ContainerId> candidates, LifeCycle life) {
        for (Container container : containers) {
            if (candidates.contains(container.id)) {
                var search = new CompletableFuture<Optional<Found>>();
                searches.put(container.id, search);
                Thread.ofVirtual()
                        .name("reunion-" + container.id.shortHex())
                        .start(() -> {
                            Optional<Found> answer = find(container, life);
                            // A daemon that ends does not know what it might have heard.
                            if (!life.isClosing()) {
                                search.complete(answer);
                            }
                        });
            }
        }
    }

    private static Optional<Found> find(Container container, LifeCycle life) {
        return life.reconnect(container)
                .map(monitor -> new Found(monitor, ports(container, monitor)));
    }

    private static List<Fd> ports(Container container, Monitor monitor) {
        try {
            return KeptPorts.of(monitor);
        } catch (IOException e) {
            LOG.log(Level.WARNING, () -> "container " + container.id + ": its ports are lost", e);
            return List.of();
        }
    }

    /// Waits until all have answered, but not for ever.
    void await(Duration patience) throws InterruptedException {
        try {
            CompletableFuture.allOf(searches.values().toArray(CompletableFuture[]::new))
                    .get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.log(
                    Level.WARNING,
                    () ->
                            "no answer yet from the monitors of "
                                    + searches.entrySet().stream()
                                            .filter(search -> !search.getValue().isDone())
                                            .map(search -> search.getKey().shortHex())
                                            .toList());
        } catch (ExecutionException e) {
            throw new IllegalStateException("a search is only ever completed", e);
        }
    }

    /// What has been found out about a container; not done while its monitor lives and is silent.
    CompletableFuture<Optional<Found>> of(ContainerId id) {
        CompletableFuture<Optional<Found>> search = searches.get(id);
        return search == null ? CompletableFuture.completedFuture(Optional.empty()) : search;
    }
}
