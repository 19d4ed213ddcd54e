package dev.corten.engine.container;

import dev.corten.engine.container.view.ContainerView;
import dev.corten.kernel.Fd;
import dev.corten.kernel.mount.Mounts;
import dev.corten.kernel.namespace.NamespaceKind;
import dev.corten.kernel.namespace.Namespaces;
import dev.corten.kernel.process.ProcessIdentity;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.container.ContainerStatus;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Containers' root file systems on the host, when somebody asks for it: Podman's `mount`.
public final class Mounting {
    private final Containers containers;
    private final HostMounts mounts;

    public Mounting(Containers containers, HostMounts mounts) {
        this.containers = containers;
        this.mounts = mounts;
    }

    /// A container that is mounted.
    public record Mounted(ContainerId id, String name, Path path) {}

    /// Mounts a container's root file system, without its volumes; each time counts.
    public Mounted mount(String reference) throws IOException, InterruptedException {
        Container container = containers.get(reference);
        container.begin("mount");
        try {
            Path path = mounts.attach(container.id, () -> origin(container));
            return new Mounted(container.id, container.name(), path);
        } finally {
            container.end();
        }
    }

    /// The root file system alone, as the container sees it. The caller closes it.
    Fd origin(Container container) throws IOException {
        if (!(container.status() instanceof ContainerStatus.Running running)) {
            return mounts.root(container.id, Snapshots.Persistence.DURABLE);
        }
        String failed = "cannot mount container " + container.name() + ": it";
        // A path means there what it means inside, and the root is the mount namespace's own.
        try (Fd inside =
                SharedNamespaces.open(
                        running, NamespaceKind.MOUNT, ProcessIdentity.currentBootId(), failed)) {
            return Namespaces.in(
                    new Fd[] {inside}, () -> Mounts.openTree(Fd.CWD, "/", Mounts.OPEN_TREE_CLONE));
        }
    }

    /// Undoes one [#mount].
    ///
    /// @param force undo all of them, though somebody may be using the mount
    /// @throws Conflict if it is not mounted, or used
    public Mounted unmount(String reference, boolean force)
            throws IOException, InterruptedException {
        Container container = containers.get(reference);
        container.begin("unmount");
        try {
            if (!mounts.detach(container.id, force)) {
                throw new Conflict("container " + container.name() + " is not mounted");
            }
            return new Mounted(container.id, container.name(), mounts.point(container.id));
        } finally {
            container.end();
        }
    }

    /// All that are mounted.
    public List<Mounted> list() throws IOException {
        var found = new ArrayList<Mounted>();
        for (ContainerView view : containers.list()) {
            if (mounts.isMounted(view.id())) {
                found.add(new Mounted(view.id(), view.name(), mounts.point(view.id())));
            }
        }
        return found;
    }
}
