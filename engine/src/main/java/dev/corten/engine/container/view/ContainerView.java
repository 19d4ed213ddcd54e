package dev.corten.engine.container.view;

import dev.corten.engine.container.mount.MountView;
import dev.corten.engine.image.GraphView;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.EndpointState;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.PortBinding;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;

/// A container at one moment; immutable.
///
/// @param name without the leading slash
/// @param linkNames those by which others have links to it, with one: `/web/alias`
/// @param path the program, `args` its arguments
/// @param ports what is really bound, by `80/tcp`; exposed and unpublished ones have an empty list;
///     empty while it does not run
/// @param networks by name of the network
/// @param sandboxId of the network sandbox, `""` while there is none
/// @param sandboxKey the path of its network namespace, `""` while there is none
/// @param hostnamePath and the others: `""` before the first start
/// @param execIds of those that run
/// @param apparmorProfile `""` before the first start, and where there is no AppArmor
public record ContainerView(
        ContainerId id,
        String name,
        SortedSet<String> linkNames,
        Instant created,
        String path,
        List<String> args,
        ContainerStatus status,
        int restartCount,
        Digest image,
        ContainerConfig config,
        HostConfig host,
        SortedMap<String, List<PortBinding>> ports,
        SortedMap<String, EndpointState> networks,
        String sandboxId,
        String sandboxKey,
        String resolvConfPath,
        String hostnamePath,
        String hostsPath,
        String logPath,
        String platform,
        List<String> execIds,
        GraphView graph,
        List<MountView> mounts,
        String apparmorProfile) {
    /// The process on the host, 0 while there is none.
    public int pid() {
        return status instanceof ContainerStatus.Running r ? r.pid() : 0;
    }

    /// Also while it waits for its restart.
    public boolean running() {
        return status.countsAsRunning();
    }

    /// Zero time is empty.
    public Optional<Instant> startedAt() {
        return switch (status) {
            case ContainerStatus.Running r -> Optional.of(r.startedAt());
            default -> status.lastRun().map(ContainerStatus.Exited::startedAt);
        };
    }

    public Optional<Instant> finishedAt() {
        return status instanceof ContainerStatus.Running r
                ? r.endedBefore()
                : status.lastRun().map(ContainerStatus.Exited::finishedAt);
    }
}
