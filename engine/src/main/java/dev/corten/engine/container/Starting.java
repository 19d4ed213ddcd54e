package dev.corten.engine.container;

import dev.corten.engine.container.view.StartOutcome;
import dev.corten.model.Conflict;
import dev.corten.model.CortenException;
import dev.corten.model.container.ContainerStatus;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Starts containers when somebody asks for it.
final class Starting {
    private final ContainerTable table;
    private final LifeCycle life;
    private final Stopping stopping;

    Starting(ContainerTable table, LifeCycle life, Stopping stopping) {
        this.table = table;
        this.life = life;
        this.stopping = stopping;
    }

    /// @throws CortenException in Docker's words if it could not be started
    StartOutcome start(String reference) throws IOException, InterruptedException {
        Container container = table.get(reference);
        container.begin("start");
        try {
            switch (container.status()) {
                case ContainerStatus.Running r -> {
                    if (r.paused()) {
                        throw new Conflict("cannot start a paused container, try unpause instead");
                    }
                    return new StartOutcome(false, r.pid());
                }
                case ContainerStatus.Restarting _ -> {
                    return new StartOutcome(false, 0);
                }
                case ContainerStatus.Removing _, ContainerStatus.Dead _ ->
                        throw new Conflict("container is marked for removal and cannot be started");
                case ContainerStatus.Created _, ContainerStatus.Exited _ -> {
                    return new StartOutcome(true, life.start(container));
                }
            }
        } finally {
            container.end();
        }
    }

    /// Stops the container if it runs, and starts it. One that goes with its exit stays.
    void restart(String reference, OptionalInt seconds, Optional<String> signal)
            throws IOException, InterruptedException {
        Container container = table.get(reference);
        container.keep(true);
        try {
            stopping.stop(reference, seconds, signal);
            start(container.id.hex());
        } finally {
            container.keep(false);
        }
        life.publish(container, "restart", Map.of());
    }
}
