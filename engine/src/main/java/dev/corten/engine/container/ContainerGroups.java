package dev.corten.engine.container;

import dev.corten.kernel.Fd;
import dev.corten.kernel.cgroup.Cgroup;
import dev.corten.kernel.cgroup.CgroupTree;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.ContainerId;
import dev.corten.model.container.CgroupStats;
import dev.corten.model.oci.Resources;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The control groups of this engine's containers: where they are, and their end.
///
/// Removing one takes a directory in each hierarchy and may have to wait for the kernel: it is done
/// by one platform thread, behind everybody's back, but never while the container starts again.
public final class ContainerGroups implements AutoCloseable {
    private static final Logger LOG = System.getLogger(ContainerGroups.class.getName());
    private static final Duration REMOVE_LIMIT = Duration.ofSeconds(5);
    private static final Duration FREEZE_LIMIT = Duration.ofSeconds(10);

    private final CgroupTree tree;
    private final String parent;
    private final Map<ContainerId, CompletableFuture<Void>> removals = new ConcurrentHashMap<>();
    private final ExecutorService sweeper =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("cgroup-sweeper").factory());

    /// @param parent under each hierarchy: `/corten`, with a suffix for other instances
    public ContainerGroups(CgroupTree tree, String parent) {
        this.tree = tree;
        this.parent = parent;
    }

    /// The path under each hierarchy.
    String path(Container container) {
        return path(container.host.cgroupParent(), container.id);
    }

    /// The path under each hierarchy.
    ///
    /// @param own the parent that was asked for, `""` for this engine's
    public String path(String own, ContainerId id) {
        return (own.isEmpty() ? parent : normalised(own)) + "/" + id;
    }

    /// As a user writes the parent: with or without a slash at its ends, never above the root.
    private static String normalised(String path) {
        String clean = Path.of("/" + path).normalize().toString();
        return clean.equals("/") ? "" : clean;
    }

    /// Stops all processes of a container.
    ///
    /// @throws IOException if one of them does not stop in time; they all go on then
    void freeze(Container container) throws IOException {
        group(container).freeze(FREEZE_LIMIT);
    }

    /// The container's processes, in no order; none if it has ended.
    List<Integer> pids(Container container) throws IOException {
        return group(container).pids();
    }

    void thaw(Container container) throws IOException {
        group(container).thaw();
    }

    boolean isFrozen(Container container) throws IOException {
        return group(container).isFrozen();
    }

    /// What the container has used so far.
    CgroupStats stats(Container container) throws IOException {
        return group(container).stats();
    }

    /// Changes the limits of a container that runs: all of them, or none.
    void change(Container container, Resources resources) throws IOException {
        group(container).change(resources);
    }

    private Cgroup group(Container container) {
        return tree.open(path(container));
    }

    /// Removes the groups of a container that has ended, a little later.
    void remove(Container container) {
        remove(container.id, path(container));
    }

    /// Removes the groups at a path, a little later.
    public void remove(ContainerId id, String path) {
        var done = new CompletableFuture<Void>();
        if (removals.putIfAbsent(id, done) == null) {
            sweeper.execute(() -> {
                try {
                    removeNow(path);
                } finally {
                    removals.remove(id, done);
                    done.complete(null);
                }
            });
        }
    }

    /// Waits until no removal of these groups is under way.
    public void settle(ContainerId id) {
        CompletableFuture<Void> removal = removals.get(id);
        if (removal != null) {
            removal.join();
        }
    }

    /// Ends all processes of a group that nobody watches any more.
    ///
    /// @return whether they have ended in time
    public boolean end(String path, Duration limit) throws IOException {
        Cgroup group = tree.open(path);
        if (!group.exists()) {
            return true;
        }
        group.kill();
        return group.awaitEmpty(limit);
    }

    private void removeNow(String path) {
        try {
            if (!tree.open(path).remove(REMOVE_LIMIT)) {
                LOG.log(Level.WARNING, () -> "control group " + path + " is still in use");
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, () -> "control group " + path + " was left behind", e);
        }
    }

    /// Removes the groups of containers that do not run: an earlier daemon had no time for them. What
    /// lies below a parent that a user has named is found by its container.
    void removeOthers(Set<ContainerId> running) throws IOException {
        var found = new HashSet<ContainerId>();
        var mounts = new HashSet<>(tree.hierarchyMounts().values());
        tree.unifiedMount().ifPresent(mounts::add);
        for (String mount : mounts) {
            found.addAll(children(mount + parent));
        }
        found.removeAll(running);
        found.forEach(id -> remove(id, parent + "/" + id));
    }

    @Override
    public void close() {
        sweeper.shutdown();
    }

    /// The containers that have a directory here.
    private static Set<ContainerId> children(String path) throws IOException {
        var ids = new HashSet<ContainerId>();
        Optional<Fd> directory =
                FileCalls.find(
                        Fd.CWD,
                        path,
                        FileCalls.O_RDONLY | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC);
        if (directory.isPresent()) {
            try (Fd fd = directory.get()) {
                for (DirectoryEntry entry : Directories.list(fd)) {
                    String name = entry.name().toString();
                    if (entry.isDirectory() && name.length() == 64) {
                        ids.add(new ContainerId(name));
                    }
                }
            }
        }
        return ids;
    }
}
