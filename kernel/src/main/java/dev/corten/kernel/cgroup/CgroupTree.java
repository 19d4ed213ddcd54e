package dev.corten.kernel.cgroup;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.mount.MountInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The control groups of this machine, as found in its mounts.
///
/// Paths are absolute in every hierarchy, `/corten/<id>`: containers lie under a parent of our own,
/// not under the group of this process, as with Docker's cgroupfs driver.
public final class CgroupTree {
    private static final List<String> KNOWN =
            List.of(
                    "cpu",
                    "cpuacct",
                    "cpuset",
                    "memory",
                    "devices",
                    "freezer",
                    "blkio",
                    "pids",
                    "hugetlb",
                    "net_cls",
                    "net_prio",
                    "perf_event",
                    "rdma",
                    "misc");

    private static final String INIT = "/init";
    private static final int VACATE_ROUNDS = 10;
    private static final int MAX_FILE = 1 << 20;

    /// The controllers that containers use on version 2.
    private static final List<String> UNIFIED_WANTED =
            List.of("cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc");

    /// A mounted hierarchy: where, and the controllers in it (or its name).
    record Hierarchy(String mountPoint, List<String> controllers) {}

    private final CgroupVersion version;
    private final List<Hierarchy> hierarchies;
    private final Map<String, Hierarchy> byController;
    private final Optional<String> unified;
    private final Set<String> unifiedControllers;

    /// Directories whose groups have all that can be handed down to them.
    private final Set<String> ready = ConcurrentHashMap.newKeySet();

    private CgroupTree(
            CgroupVersion version,
            List<Hierarchy> hierarchies,
            Optional<String> unified,
            Set<String> unifiedControllers) {
        this.version = version;
        this.hierarchies = List.copyOf(hierarchies);
        this.unified = unified;
        this.unifiedControllers = unifiedControllers;
        this.byController = new LinkedHashMap<>();
        for (Hierarchy hierarchy : hierarchies) {
            for (String controller : hierarchy.controllers()) {
                byController.put(controller, hierarchy);
            }
        }
    }

    /// Finds out what is mounted.
    ///
    /// @throws IOException if there are no control groups at all
    public static CgroupTree detect() throws IOException {
        return of(MountInfo.self());
    }

    static CgroupTree of(List<MountInfo> mounts) throws IOException {
        var hierarchies = new ArrayList<Hierarchy>();
        var seen = new HashSet<String>();
        Optional<String> unified = Optional.empty();
        boolean controllers = false;
        for (MountInfo mount : mounts) {
            String point = mount.mountPoint().toString();
            if (mount.type().equals("cgroup2") && unified.isEmpty()) {
                unified = Optional.of(point);
            } else if (mount.type().equals("cgroup")) {
                List<String> names = names(mount.superOptions());
                // The same hierarchy may be mounted again elsewhere: the first mount counts.
                if (!names.isEmpty() && seen.add(names.getFirst())) {
                    hierarchies.add(new Hierarchy(point, names));
                    controllers |= !names.getFirst().startsWith("name=");
                }
            }
        }
        if (unified.isEmpty() && !controllers) {
            throw new IOException("no control groups are mounted (looked for cgroup2 and cgroup)");
        }
        Set<String> unifiedControllers = Set.of();
        if (unified.isPresent()) {
            unifiedControllers = Set.copyOf(words(unified.get() + "/cgroup.controllers", " "));
        }
        CgroupVersion version =
                controllers
                        ? unified.isPresent() ? CgroupVersion.HYBRID : CgroupVersion.V1
                        : CgroupVersion.V2;
        return new CgroupTree(
                version,
                version == CgroupVersion.V2 ? List.of() : hierarchies,
                unified,
                unifiedControllers);
    }

    private static List<String> names(String superOptions) {
        var names = new ArrayList<String>();
        for (String option : superOptions.split(",", -1)) {
            if (KNOWN.contains(option) || option.startsWith("name=")) {
                names.add(option);
            }
        }
        return names;
    }

    private static List<String> words(String file, String separator) throws IOException {
        byte[] bytes = FileData.readFile(Fd.CWD, file, MAX_FILE);
        String text = new String(bytes, StandardCharsets.US_ASCII).strip();
        return text.isEmpty() ? List.of() : List.of(text.split(separator, -1));
    }

    public CgroupVersion version() {
        return version;
    }

    /// Whether a controller can be used; names as version 1 has them (`blkio` is version 2's `io`;
    /// `devices`, `freezer` and `cpuacct` are part of version 2 itself).
    public boolean has(String controller) {
        if (version != CgroupVersion.V2) {
            return byController.containsKey(controller)
                    || (controller.equals("freezer") && unified.isPresent());
        }
        return switch (controller) {
            case "devices", "freezer" -> true;
            case "cpuacct" -> unifiedControllers.contains("cpu");
            case "blkio" -> unifiedControllers.contains("io");
            default -> unifiedControllers.contains(controller);
        };
    }

    /// Whether a file of a controller exists in a group below the root, such as
    /// `memory.memsw.limit_in_bytes`: some controllers lack parts. Looked up in the parent of ours,
    /// which is made for it.
    public boolean hasFile(String controller, String file, String parent) throws IOException {
        Optional<String> mount = mountOf(controller);
        if (mount.isEmpty()) {
            return false;
        }
        open(parent).make(mount.get());
        return FileCalls.exists(Fd.CWD, mount.get() + parent + "/" + file);
    }

    /// Makes a group, and those above it, in every hierarchy. What exists is taken as it is.
    ///
    /// @param path such as `/corten/<id>`
    public Cgroup create(String path) throws IOException {
        Cgroup cgroup = open(path);
        try {
            cgroup.makeAll();
        } catch (Errno e) {
            cgroup.removeNow();
            throw e;
        }
        return cgroup;
    }

    /// Makes room for groups below the root, in a container.
    ///
    /// On version 2 a group that has processes hands no controllers down; only the machine's root
    /// may. What a container sees as the root is an ordinary group with all of its processes, this
    /// one among them: they move to `/init`, where images for engines in containers put them too.
    ///
    /// @return whether something was moved
    public boolean vacateRoot() throws IOException {
        if (version != CgroupVersion.V2 || unified.isEmpty()) {
            return false;
        }
        String root = unified.get();
        // The machine's root has no such file.
        if (!FileCalls.exists(Fd.CWD, root + "/cgroup.type")) {
            return false;
        }
        boolean moved = false;
        for (int round = 0; round < VACATE_ROUNDS; round++) {
            List<String> pids = words(root + "/cgroup.procs", "\n");
            if (pids.isEmpty()) {
                return moved;
            }
            FileCalls.ensureDirectory(Fd.CWD, root + INIT, 0755);
            for (String pid : pids) {
                try {
                    Cgroup.write(root + INIT + "/cgroup.procs", pid);
                    moved = true;
                } catch (Errno e) {
                    // It ends at this moment.
                    if (!e.isAny(Errno.ESRCH, Errno.EINVAL)) {
                        throw e;
                    }
                }
            }
        }
        return moved;
    }

    /// A group by its path, whether it exists or not.
    public Cgroup open(String path) {
        return new Cgroup(this, normalised(path));
    }

    /// The path of the group that a process is in, for one controller or, with `""`, in the
    /// version 2 hierarchy.
    public Optional<String> pathOf(int pid, String controller) throws IOException {
        byte[] bytes = FileData.readFile(Fd.CWD, "/proc/" + pid + "/cgroup", 1 << 20);
        String key = controller.isEmpty() || version == CgroupVersion.V2 ? "" : controller;
        for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n", -1)) {
            int first = line.indexOf(':');
            int second = line.indexOf(':', first + 1);
            if (second > 0 && MountInfo.has(line.substring(first + 1, second), key)) {
                return Optional.of(line.substring(second + 1));
            }
        }
        return Optional.empty();
    }

    /// Makes the attaches of the next moments fast.
    ///
    /// Moving a process on version 1 takes a lock whose first taker after a quiet time waits for
    /// RCU: measured 8 to 11 ms, against 0.3 for all hierarchies within the next 10 ms, and 8 again
    /// after 20. This takes that lock by moving this process to where it is. Call it on a thread of
    /// its own when a start begins; it takes as long as the attach would have.
    public void warm() throws IOException {
        if (hierarchies.isEmpty()) {
            return;
        }
        for (Hierarchy hierarchy : hierarchies) {
            Optional<String> own = pathOf(selfPid(), hierarchy.controllers().getFirst());
            if (own.isPresent()) {
                String directory = hierarchy.mountPoint() + own.get();
                if (FileCalls.exists(Fd.CWD, directory)) {
                    FileData.writeFile(Fd.CWD, directory + "/cgroup.procs", "0");
                    return;
                }
            }
        }
    }

    private static int selfPid() {
        return (int) ProcessHandle.current().pid();
    }

    private static String normalised(String path) {
        if (!path.startsWith("/") || path.length() < 2 || path.endsWith("/")) {
            throw new IllegalArgumentException("not a path of a control group: " + path);
        }
        for (String part : path.substring(1).split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                throw new IllegalArgumentException("not a path of a control group: " + path);
            }
        }
        return path;
    }

    /// Whether groups below this directory need nothing but to be made.
    boolean isReady(String directory) {
        return ready.contains(directory);
    }

    void ready(String directory) {
        ready.add(directory);
    }

    List<Hierarchy> hierarchies() {
        return hierarchies;
    }

    /// The mount point for a controller of version 1's name.
    Optional<String> mountOf(String controller) {
        if (version == CgroupVersion.V2) {
            return has(controller) ? unified : Optional.empty();
        }
        return Optional.ofNullable(byController.get(controller)).map(Hierarchy::mountPoint);
    }

    /// The mount point of the version 2 hierarchy.
    public Optional<String> unifiedMount() {
        return unified;
    }

    /// The mount points of the version 1 hierarchies by their controllers (`cpu,cpuacct`,
    /// `name=systemd`), for mounting them into containers.
    public Map<String, String> hierarchyMounts() {
        var mounts = new LinkedHashMap<String, String>();
        for (Hierarchy hierarchy : hierarchies) {
            mounts.put(String.join(",", hierarchy.controllers()), hierarchy.mountPoint());
        }
        return Collections.unmodifiableMap(mounts);
    }

    /// What to write into `cgroup.subtree_control` of the groups above a container's.
    List<String> unifiedToEnable() {
        if (version != CgroupVersion.V2) {
            return List.of();
        }
        return UNIFIED_WANTED.stream().filter(unifiedControllers::contains).toList();
    }
}
