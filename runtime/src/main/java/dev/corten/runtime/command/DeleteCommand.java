package dev.corten.runtime.command;

import dev.corten.kernel.cgroup.Cgroup;
import dev.corten.kernel.process.Pidfd;
import dev.corten.kernel.process.Signals;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// `delete`: removes what is left of a container.
final class DeleteCommand {
    private static final Duration END_LIMIT = Duration.ofSeconds(10);

    private final Place place;

    DeleteCommand(Place place) {
        this.place = place;
    }

    void run(Flags flags) throws IOException, Failure {
        String id = flags.id("delete");
        boolean force = flags.has("force");
        Place.check(id);
        Optional<ContainerRecord> found = place.find(id);
        if (found.isEmpty()) {
            if (!force) {
                throw Failure.unknown(id);
            }
            // Half made, if anything.
            place.forget(id);
            return;
        }
        ContainerRecord container = found.get();
        ContainerRecord.Status status = container.status(place);
        boolean waits = status == ContainerRecord.Status.CREATED;
        if (status != ContainerRecord.Status.STOPPED && !waits && !force) {
            throw new Failure(
                    "cannot delete container " + id + " that is not stopped: " + status.word());
        }
        delete(container);
    }

    void delete(ContainerRecord container) throws IOException, Failure {
        Cgroup group = container.group();
        Optional<Pidfd> process = container.process();
        if (process.isPresent()) {
            try (Pidfd init = process.get()) {
                if (group.exists() && group.isFrozen()) {
                    group.thaw();
                }
                init.signal(Signals.SIGKILL);
                if (!init.awaitEnd(END_LIMIT)) {
                    throw new Failure("container init still running");
                }
            }
        }
        if (group.exists()) {
            group.kill();
        }
        if (!group.remove(END_LIMIT)) {
            throw new Failure("unable to remove container's cgroup: device or resource busy");
        }
        var hooks = StoredBundle.of(place, container).hooks();
        place.forget(container.id());
        new HookRunner("poststop", container.state("stopped")).run(hooks.poststop());
    }
}
