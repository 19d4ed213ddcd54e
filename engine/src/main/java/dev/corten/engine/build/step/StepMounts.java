package dev.corten.engine.build.step;

import dev.corten.build.work.StepMount;
import dev.corten.engine.container.mount.MountChecks;
import dev.corten.engine.container.mount.TmpfsOptions;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.mount.Mounts;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.Mount;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The mounts of a step beside those that every container has: in the words of the specification,
/// with their open sources, and with what they are mounted on. For one thread.
final class StepMounts implements AutoCloseable {
    /// What is mounted by the runtime itself: mount points below are made there.
    private static final List<String> USUAL = List.of("/proc", "/dev", "/sys");

    private final Fd root;
    private final MountPoints points;
    private final Map<PathBytes, Mount> mounts = new LinkedHashMap<>();
    private final Map<PathBytes, Fd> sources = new HashMap<>();
    private final List<Fd> opened = new ArrayList<>();

    /// @param root of the step; stays the caller's
    StepMounts(Fd root) {
        this.root = root;
        this.points = new MountPoints(root);
    }

    /// A file of ours below `/etc`.
    ///
    /// @param directory where it is
    void addFile(Fd directory, String name, boolean readOnly) throws IOException {
        Fd source = Mounts.openTree(directory, name, Mounts.OPEN_TREE_CLONE);
        opened.add(source);
        PathBytes target = PathBytes.of("/etc/" + name);
        var options = new ArrayList<>(List.of("rbind", "rprivate"));
        if (readOnly) {
            options.addAll(List.of("ro", "nosuid", "nodev", "noexec"));
        }
        points.ensure(target, false);
        add(new Mount(target, "bind", target, options), source);
    }

    /// What the step asks for. Those that lie on others come after them.
    void addAll(List<StepMount> asked) throws IOException {
        List<String> targets =
                asked.stream().map(mount -> MountChecks.clean(mount.target())).toList();
        for (int i = 0; i < targets.size(); i++) {
            add(asked.get(i), targets.get(i), isOnRoot(targets.get(i), targets));
        }
    }

    private void add(StepMount mount, String path, boolean onRoot) throws IOException {
        PathBytes target = PathBytes.of(path);
        switch (mount) {
            case StepMount.Bind(String _, Fd source, boolean readOnly) -> {
                if (onRoot) {
                    points.ensure(target, FileCalls.stat(source).isDirectory());
                }
                var options = new ArrayList<>(List.of("rbind", "rprivate"));
                if (readOnly) {
                    options.add("ro");
                }
                add(new Mount(target, "bind", target, options), source);
            }
            case StepMount.Tmpfs(String _, long size) -> {
                // A directory that is there lends it its mode; else it is one for everybody.
                String mode = TmpfsOptions.withModeOf(root, target, "");
                if (onRoot) {
                    points.ensure(target, true);
                }
                var options = new ArrayList<>(List.of("nosuid"));
                if (!mode.isEmpty()) {
                    options.add(mode);
                }
                if (size > 0) {
                    options.add("size=" + size);
                }
                sources.remove(target);
                mounts.put(target, new Mount(target, "tmpfs", PathBytes.of("tmpfs"), options));
            }
        }
    }

    private void add(Mount mount, Fd source) {
        mounts.put(mount.destination(), mount);
        sources.put(mount.destination(), source);
    }

    /// Whether nothing else is mounted between the root and a path.
    private static boolean isOnRoot(String path, List<String> targets) {
        return USUAL.stream().noneMatch(usual -> path.equals(usual) || isBelow(path, usual))
                && targets.stream().noneMatch(other -> isBelow(path, other));
    }

    private static boolean isBelow(String path, String other) {
        return path.startsWith(other.endsWith("/") ? other : other + "/") && !path.equals(other);
    }

    List<Mount> mounts() {
        return List.copyOf(mounts.values());
    }

    Map<PathBytes, Fd> sources() {
        return sources;
    }

    /// Takes away what was made to mount on. Nothing is mounted any more.
    @Override
    public void close() {
        opened.forEach(Fd::close);
        points.remove();
        points.close();
    }
}
