package dev.corten.engine.container;

import dev.corten.engine.container.rules.ResourceRules;
import dev.corten.engine.container.rules.RestartRules;
import dev.corten.engine.container.spec.LimitSpec;
import dev.corten.model.Conflict;
import dev.corten.model.Internal;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.HostConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Changes what containers may use, at once where they run, and what happens when they end.
///
/// All of a request takes effect, or nothing: a limit that the kernel refuses takes back those
/// before it.
final class Updating {
    private final ContainerTable table;
    private final ContainerDirectory directory;
    private final ContainerGroups groups;
    private final ResourceRules rules;
    private final LifeCycle life;

    Updating(
            ContainerTable table,
            ContainerDirectory directory,
            ContainerGroups groups,
            ResourceRules rules,
            LifeCycle life) {
        this.table = table;
        this.directory = directory;
        this.groups = groups;
        this.rules = rules;
        this.life = life;
    }

    /// @param request what is zero or empty in it stays as it is
    /// @return warnings
    List<String> update(String reference, HostConfig request)
            throws IOException, InterruptedException {
        var warnings = new ArrayList<String>();
        HostConfig.Editor asked = request.edit();
        rules.limits(asked, warnings, true);
        if (!request.restartPolicy().name().isEmpty()) {
            RestartRules.check(request.restartPolicy());
        }
        Container container = table.get(reference);
        container.begin("update");
        try {
            update(container, asked.done());
        } finally {
            container.end();
        }
        return warnings;
    }

    /// What is written down first is taken back if it cannot be.
    private void update(Container container, HostConfig asked) throws IOException {
        HostConfig before = container.host;
        HostConfig after = merged(container, asked);
        directory.writeHost(container.id, after);
        if (container.status() instanceof ContainerStatus.Running) {
            try {
                groups.change(container, LimitSpec.resources(LimitChanges.of(asked, after)));
            } catch (IOException | RuntimeException e) {
                directory.writeHost(container.id, before);
                throw new Internal(
                        "Cannot update container " + container.id + ": " + e.getMessage(), e);
            }
        }
        container.host = after;
        life.publish(container, "update", Map.of());
    }

    // ---------------------------------------------------------------- merging

    private static HostConfig merged(Container container, HostConfig asked) {
        HostConfig now = container.host;
        HostConfig.Editor host = now.edit();
        if (asked.blkioWeight() != 0) {
            host.blkioWeight = asked.blkioWeight();
        }
        if (asked.cpuShares() != 0) {
            host.cpuShares = asked.cpuShares();
        }
        processors(container, asked, now, host);
        memory(container, asked, now, host);
        if (asked.pidsLimit() != null) {
            host.pidsLimit = Math.max(0, asked.pidsLimit());
        }
        if (!asked.restartPolicy().name().isEmpty()) {
            if (now.autoRemove() && !asked.restartPolicy().never()) {
                throw conflict(
                        container,
                        "Restart policy cannot be updated because AutoRemove is enabled for the"
                                + " container");
            }
            // What happens at the next exit, also of one that is waiting to be started again.
            host.restartPolicy = asked.restartPolicy();
        }
        return host.done();
    }

    private static void processors(
            Container container, HostConfig asked, HostConfig now, HostConfig.Editor host) {
        if (asked.nanoCpus() > 0 && now.cpuPeriod() > 0) {
            throw conflict(
                    container,
                    "Conflicting options: Nano CPUs cannot be updated as CPU Period has already"
                            + " been set");
        }
        if (asked.nanoCpus() > 0 && now.cpuQuota() > 0) {
            throw conflict(
                    container,
                    "Conflicting options: Nano CPUs cannot be updated as CPU Quota has already"
                            + " been set");
        }
        if (asked.cpuQuota() > 0 && now.nanoCpus() > 0) {
            throw conflict(
                    container,
                    "Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been"
                            + " set");
        }
        if (asked.cpuPeriod() > 0 && now.nanoCpus() > 0) {
            throw conflict(
                    container,
                    "Conflicting options: CPU Period cannot be updated as NanoCPUs has already"
                            + " been set");
        }
        if (asked.nanoCpus() != 0) {
            host.nanoCpus = asked.nanoCpus();
        }
        if (asked.cpuPeriod() != 0) {
            host.cpuPeriod = asked.cpuPeriod();
        }
        if (asked.cpuQuota() != 0) {
            host.cpuQuota = asked.cpuQuota();
        }
        if (asked.cpuRealtimePeriod() != 0) {
            host.cpuRealtimePeriod = asked.cpuRealtimePeriod();
        }
        if (asked.cpuRealtimeRuntime() != 0) {
            host.cpuRealtimeRuntime = asked.cpuRealtimeRuntime();
        }
        if (!asked.cpusetCpus().isEmpty()) {
            host.cpusetCpus = asked.cpusetCpus();
        }
        if (!asked.cpusetMems().isEmpty()) {
            host.cpusetMems = asked.cpusetMems();
        }
    }

    private static void memory(
            Container container, HostConfig asked, HostConfig now, HostConfig.Editor host) {
        if (asked.memory() != 0) {
            // No limit of both together is 0 here, and any limit of memory is more, as with Docker.
            if (asked.memory() > now.memorySwap()
                    && now.memorySwap() != -1
                    && asked.memorySwap() == 0) {
                throw conflict(
                        container,
                        "Memory limit should be smaller than already set memoryswap limit, update"
                                + " the memoryswap at the same time");
            }
            host.memory = asked.memory();
        }
        if (asked.memorySwap() != 0) {
            host.memorySwap = asked.memorySwap();
        }
        if (asked.memoryReservation() != 0) {
            host.memoryReservation = asked.memoryReservation();
        }
    }

    private static Conflict conflict(Container container, String reason) {
        return new Conflict("Cannot update container " + container.id + ": " + reason);
    }
}
