package dev.corten.engine.container;

import dev.corten.engine.container.mount.MountSources;
import dev.corten.engine.container.rules.NamespaceRules;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.mount.Mounts;
import dev.corten.kernel.namespace.NamespaceKind;
import dev.corten.kernel.namespace.Namespaces;
import dev.corten.kernel.process.ProcessIdentity;
import dev.corten.model.Conflict;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.HostConfig;
import dev.corten.model.oci.Mount;
import dev.corten.model.oci.Namespace;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The namespaces of processes and of IPC that one start joins, of other containers; with the latter
/// comes the memory that they share. Closed when the start is done.
final class SharedNamespaces implements AutoCloseable {
    private static final String SHM = "/dev/shm";

    private final Map<Namespace.Type, Fd> descriptors = new EnumMap<>(Namespace.Type.class);
    private Optional<Fd> shm = Optional.empty();

    private SharedNamespaces() {}

    /// @param bootId of this boot
    /// @throws dev.corten.model.CortenException in Docker's words if one of them cannot be joined
    static SharedNamespaces open(HostConfig host, ContainerTable table, String bootId)
            throws IOException {
        var shared = new SharedNamespaces();
        boolean complete = false;
        try {
            Optional<Container> processes = NamespaceRules.owner(host.pidMode()).map(table::get);
            if (processes.isPresent()) {
                shared.processes(processes.get(), bootId);
            }
            Optional<Container> ipc = NamespaceRules.owner(host.ipcMode()).map(table::get);
            if (ipc.isPresent()) {
                shared.ipc(ipc.get(), bootId);
            }
            complete = true;
            return shared;
        } finally {
            if (!complete) {
                shared.close();
            }
        }
    }

    private void processes(Container owner, String bootId) throws IOException {
        String failed = "failed to join PID namespace: container " + owner.id;
        if (!(owner.status() instanceof ContainerStatus.Running running)) {
            throw new Internal(failed + " is not running");
        }
        descriptors.put(Namespace.Type.PID, open(running, NamespaceKind.PID, bootId, failed));
    }

    private void ipc(Container owner, String bootId) throws IOException {
        String failed = "failed to join IPC namespace: container " + owner.id;
        if (!(owner.status() instanceof ContainerStatus.Running running)) {
            throw new Conflict(failed + " is not running");
        }
        if (!owner.host.ipcMode().equals("shareable")) {
            throw new InvalidParameter(
                    failed
                            + ": non-shareable IPC (hint: use IpcMode:shareable for the donor"
                            + " container)");
        }
        descriptors.put(Namespace.Type.IPC, open(running, NamespaceKind.IPC, bootId, failed));
        try (Fd mounts = open(running, NamespaceKind.MOUNT, bootId, failed)) {
            shm = Optional.of(sharedMemory(mounts));
        }
    }

    /// A namespace of a container's first process, whose number may be another's by now.
    static Fd open(
            ContainerStatus.Running running, NamespaceKind kind, String bootId, String failed)
            throws IOException {
        Fd namespace;
        try {
            namespace = Namespaces.open(running.pid(), kind);
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ESRCH)) {
                throw new Conflict(failed + " is not running", e);
            }
            throw e;
        }
        if (!new ProcessIdentity(bootId, running.pid(), running.pidStartTime()).isAlive()) {
            namespace.close();
            throw new Conflict(failed + " is not running");
        }
        return namespace;
    }

    /// What the other container has at `/dev/shm`, as a mount that is nowhere yet. A path means there
    /// what it means inside of that container.
    private static Fd sharedMemory(Fd mountNamespace) throws IOException {
        return Namespaces.in(
                new Fd[] {mountNamespace},
                () -> Mounts.openTree(Fd.CWD, SHM, Mounts.OPEN_TREE_CLONE));
    }

    Map<Namespace.Type, Fd> descriptors() {
        return descriptors;
    }

    /// Hands the shared memory over as a mount of the start.
    void mount(MountSources sources) {
        if (shm.isPresent() && !sources.has(SHM)) {
            sources.add(
                    new Mount(SHM, "bind", SHM, List.of("rprivate", "nosuid", "nodev", "noexec")),
                    shm.get());
            shm = Optional.empty();
        }
    }

    @Override
    public void close() {
        descriptors.values().forEach(Fd::close);
        shm.ifPresent(Fd::close);
    }
}
