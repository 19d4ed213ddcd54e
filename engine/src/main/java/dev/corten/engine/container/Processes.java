package dev.corten.engine.container;

import dev.corten.engine.container.process.HostProcesses;
import dev.corten.engine.container.process.ProcessTable;
import dev.corten.engine.container.process.PsCommand;
import dev.corten.engine.container.process.PsOutput;
import dev.corten.model.Internal;
import dev.corten.model.container.ContainerStatus;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What runs in a container: `top`.
public final class Processes {
    /// What clients ask for when their users ask for nothing.
    private static final String USUAL = "-ef";

    private final Containers containers;
    private final ContainerGroups groups;
    private final ContainerCalls calls;
    private final HostProcesses listing;

    public Processes(
            Containers containers, ContainerGroups groups, ContainerCalls calls, Clock clock) {
        this.containers = containers;
        this.groups = groups;
        this.calls = calls;
        this.listing = new HostProcesses(clock);
    }

    /// @param arguments for `ps`; empty means `-ef`
    public ProcessTable list(String reference, String arguments) throws IOException {
        PsOutput.check(arguments);
        Container container = containers.get(reference);
        if (!(container.status() instanceof ContainerStatus.Running)) {
            throw Container.notRunning(container);
        }
        List<Integer> pids = groups.pids(container).stream().sorted().toList();
        // The command line of a process lies in its memory, which it may have mapped from anything.
        ProcessTable table =
                arguments.isEmpty() || arguments.equals(USUAL)
                        ? calls.call(container, () -> listing.list(pids), () -> silent(container))
                        : withPs(container, arguments, pids);
        containers.publish(container, "top", Map.of());
        return table;
    }

    private static Internal silent(Container container) {
        return new Internal(
                "container " + container.id + " does not let the memory of its processes be read");
    }

    private ProcessTable withPs(Container container, String arguments, List<Integer> pids)
            throws IOException {
        try (var ps = new PsCommand()) {
            String output =
                    calls.call(container, () -> ps.run(arguments, pids), () -> silent(container));
            return PsOutput.parse(output, Set.copyOf(pids));
        }
    }
}
