package dev.corten.engine.container;

import dev.corten.engine.container.mount.WithVolumes;
import dev.corten.model.Conflict;
import dev.corten.model.Internal;
import dev.corten.model.NotFound;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.HostConfig;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/// Removes containers when somebody asks for it.
final class Removal {
    private static final Logger LOG = System.getLogger(Removal.class.getName());

    private final ContainerTable table;
    private final ContainerDirectory directory;
    private final Launcher launcher;
    private final LifeCycle life;
    private final Stopping stopping;

    Removal(
            ContainerTable table,
            ContainerDirectory directory,
            Launcher launcher,
            LifeCycle life,
            Stopping stopping) {
        this.table = table;
        this.directory = directory;
        this.launcher = launcher;
        this.life = life;
        this.stopping = stopping;
    }

    /// Removes a link, by its name: `web/alias`. Neither container is removed.
    void unlink(String reference) throws IOException, InterruptedException {
        Container child = table.get(reference);
        Links.Name name =
                Links.Name.parse(reference)
                        .orElseThrow(() ->
                                new Internal(
                                        "Conflict, cannot remove the default link name of the"
                                                + " container"));
        Container parent =
                table.named(name.parent())
                        .orElseThrow(() -> new NotFound("No such container: " + child.id));
        parent.begin("unlink");
        try {
            HostConfig without = Links.without(parent.host, name.alias());
            directory.writeHost(parent.id, without);
            parent.host = without;
            if (parent.status() instanceof ContainerStatus.Running) {
                launcher.forget(parent, name.alias());
            }
        } finally {
            parent.end();
        }
    }

    /// Removes a container, and ends it first if `force` says so.
    void remove(String reference, RemoveOptions options) throws IOException, InterruptedException {
        Container container = table.get(reference);
        while (true) {
            ContainerStatus status = container.status();
            if (status.countsAsRunning() && !options.force()) {
                throw new Conflict(
                        "cannot remove container \""
                                + container.name()
                                + "\": container is "
                                + (status.word().equals("paused")
                                        ? "paused and must be unpaused first"
                                        : status.word()
                                                + ": stop the container before removing or force"
                                                + " remove"));
            }
            if (!options.force() && life.isMounted(container)) {
                throw new Conflict(
                        "cannot remove container \""
                                + container.name()
                                + "\": container is mounted: unmount it before removing or force"
                                + " remove");
            }
            if (status instanceof ContainerStatus.Running) {
                killForRemoval(container);
            } else if (!options.force() && container.isUnderWay("remove")) {
                throw new Conflict(
                        "removal of container " + container.name() + " is already in progress");
            }
            if (options.force()) {
                container.cutHangingStart();
            }
            if (!container.beginSurely("remove")) {
                // Somebody else's removal, or `--rm`, was faster.
                return;
            }
            try {
                if (!(container.status() instanceof ContainerStatus.Running)) {
                    life.removeNow(
                            container, options.volumes() ? WithVolumes.REMOVE : WithVolumes.KEEP);
                    return;
                }
                // A start was faster: look again.
            } finally {
                container.end();
            }
        }
    }

    private void killForRemoval(Container container) throws IOException, InterruptedException {
        try {
            stopping.kill(container.id.hex(), "KILL");
        } catch (Conflict | NotFound ended) {
            LOG.log(Level.DEBUG, () -> "container " + container.id + " has ended by itself", ended);
        }
    }
}
