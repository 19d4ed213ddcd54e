package dev.corten.engine.build.classic;

import dev.corten.engine.build.BuildFailure;
import dev.corten.engine.build.FailedContainers;
import dev.corten.engine.container.Adoption;
import dev.corten.engine.container.Containers;
import dev.corten.engine.container.rules.CreateRequest;
import dev.corten.model.Digest;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.LogConfig;
import dev.corten.model.container.MountPoint;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Makes containers of steps, as they stay with `--rm=false`, and of those that failed.
public final class KeptContainers implements ClassicBuilds.Keeper {
    private static final LogConfig NO_LOG = new LogConfig("none", Map.of());

    private final FailedContainers failed;
    private final Containers containers;
    private final Snapshots snapshots;

    public KeptContainers(FailedContainers failed, Containers containers, Snapshots snapshots) {
        this.failed = failed;
        this.containers = containers;
        this.snapshots = snapshots;
    }

    @Override
    public String name() {
        return containers.freeName();
    }

    @Override
    public void keepFailed(Digest image, String name, BuildFailure failure)
            throws IOException, InterruptedException {
        failed.keep(image, name, failure);
    }

    @Override
    public void keep(KeptStep step) throws IOException, InterruptedException {
        var config = ContainerConfig.DEFAULT.edit();
        config.image = step.image().toString();
        config.cmd = step.command();
        config.entrypoint = List.of();
        config.env = step.config().env();
        config.user = step.config().user();
        config.workingDir = step.config().workingDir();
        config.labels = step.config().labels();
        var host = HostConfig.DEFAULT.edit();
        host.logConfig = NO_LOG;
        containers.adopt(
                new CreateRequest(
                        Optional.of(step.name()),
                        Optional.empty(),
                        config.done(),
                        host.done(),
                        Map.of(),
                        MountPoint.ReadOnly.ALL),
                new Adoption(
                        step.id(),
                        step.created(),
                        step.status(),
                        step.changes().map(chain -> snapshots.paths(chain).upper()),
                        Optional.empty(),
                        true));
    }
}
