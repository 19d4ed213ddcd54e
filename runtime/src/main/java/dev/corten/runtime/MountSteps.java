package dev.corten.runtime;

import static dev.corten.runtime.PlanWriter.at;
import static dev.corten.runtime.PlanWriter.in;
import static dev.corten.runtime.PlanWriter.number;

import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.Device;
import dev.corten.model.oci.Linux;
import dev.corten.model.oci.Mount;
import dev.corten.model.oci.Namespace;
import dev.corten.model.oci.Spec;
import dev.corten.runtime.Plan.Meaning;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The steps that make a container's file system.
///
/// The child changes its root first, before anything else is mounted: from then on no path of the
/// plan can mean anything of the host, which is not in the mount namespace any more. What comes
/// from the host comes by descriptor. Targets are found with `RESOLVE_IN_ROOT`; the targets of
/// proc, sysfs and `/dev` must be ordinary directories (CVE-2019-19921).
final class MountSteps {
    // linux/mount.h
    private static final int MS_REC = 0x4000;
    private static final int MS_PRIVATE = 1 << 18;
    private static final int MS_SLAVE = 1 << 19;
    private static final int MNT_DETACH = 2;

    // linux/magic.h
    private static final int PROC_SUPER_MAGIC = 0x9fa0;

    /// What runc lets users mount over inside `/proc`.
    private static final Set<String> PROC_TARGETS =
            Set.of(
                    "/proc/cpuinfo",
                    "/proc/diskstats",
                    "/proc/meminfo",
                    "/proc/stat",
                    "/proc/swaps",
                    "/proc/uptime",
                    "/proc/loadavg",
                    "/proc/slabinfo",
                    "/proc/sys/kernel/ns_last_pid",
                    "/proc/net/dev");

    private final PlanWriter plan;
    private final Spec spec;
    private final Host host;
    private final Placement placement;
    private final MountCalls calls;
    private final DeviceSteps devices;
    private final Map<PathBytes, Integer> sources = new HashMap<>();
    private final Map<PathBytes, Boolean> sourceIsDirectory = new HashMap<>();
    private final Map<Placement.Hierarchy, Integer> trees = new HashMap<>();

    /// Names all descriptors; writes nothing yet.
    MountSteps(PlanWriter plan, Spec spec, Host host, Placement placement, Launch launch)
            throws IOException {
        this.plan = plan;
        this.spec = spec;
        this.host = host;
        this.placement = placement;
        this.calls = new MountCalls(plan, plan.descriptor(launch.root()));
        this.devices = new DeviceSteps(plan, calls, spec, host);
        for (Mount mount : spec.mounts()) {
            if (mount.isBind()) {
                Fd source = launch.sources().get(mount.destination());
                if (source == null) {
                    throw new InvalidParameter("no source for the mount on " + mount.destination());
                }
                sources.put(mount.destination(), plan.descriptor(source));
                sourceIsDirectory.put(mount.destination(), host.isDirectory(source));
            }
        }
        boolean ownCgroups = spec.linux().namespace(Namespace.Type.CGROUP).isPresent();
        if (placement.version() == 1 && !ownCgroups) {
            for (Placement.Hierarchy hierarchy : placement.hierarchies()) {
                hierarchy.tree().ifPresent(fd -> trees.put(hierarchy, plan.descriptor(fd)));
            }
        }
    }

    /// The root's register.
    int root() {
        return calls.root();
    }

    /// Makes the root the process's root and lets go of the host's mounts.
    void changeRoot() {
        plan.words("make the host's mounts a slave");
        int propagation =
                spec.linux().rootfsPropagation() == Linux.Propagation.PRIVATE
                        ? MS_PRIVATE
                        : MS_SLAVE;
        plan.call(
                Syscall.MOUNT,
                number(0),
                at(plan.string("/")),
                number(0),
                number(MS_REC | propagation),
                number(0));
        plan.words("change to the container's root");
        calls.move(calls.root(), Fd.CWD.number(), "/");
        plan.call(Syscall.FCHDIR, in(calls.root()));
        plan.call(Syscall.PIVOT_ROOT, at(plan.string(".")), at(plan.string(".")));
        plan.call(Syscall.UMOUNT2, at(plan.string(".")), number(MNT_DETACH));
        plan.call(Syscall.FCHDIR, in(calls.root()));
    }

    void mounts() {
        for (Mount mount : spec.mounts()) {
            mount(mount);
        }
        // After the mounts: a device may lie on one of them.
        for (Device device : spec.linux().devices()) {
            devices.elsewhere(device);
        }
        if (spec.linux().rootfsPropagation() == Linux.Propagation.SHARED) {
            plan.words("make the root shared");
            calls.attributes(calls.root(), 0, 0, 1L << 20, 0);
        }
    }

    private void mount(Mount mount) {
        MountOptions options = MountOptions.parse(mount.options());
        String path = mount.destination().toString();
        plan.words(Plan.mountWords(mount.source(), path), Meaning.MOUNT);
        if (mount.isBind()) {
            refuseProc(mount);
            bind(mount, options);
            return;
        }
        switch (mount.type()) {
            case "cgroup", "cgroup2" -> cgroups(mount, options);
            case "proc", "sysfs" -> {
                int made = calls.fileSystem(mount.type(), mount.source().toString(), options);
                calls.move(made, calls.ordinaryDirectory(path));
                calls.propagate(made, options);
            }
            default -> {
                refuseProc(mount);
                int made = calls.fileSystem(mount.type(), mount.source().toString(), options);
                boolean isDev = mount.type().equals("tmpfs") && path.equals("/dev");
                if (isDev) {
                    devices.fill(made);
                    plan.words(Plan.mountWords(mount.source(), path), Meaning.MOUNT);
                }
                calls.move(
                        made,
                        isDev
                                ? calls.ordinaryDirectory(path)
                                : targetOutsideProc(path, Stat.S_IFDIR));
                calls.propagate(made, options);
                if (mount.type().equals("devpts") && path.equals("/dev/pts")) {
                    devices.devpts(made);
                }
            }
        }
    }

    private static void refuseProc(Mount mount) {
        String path = mount.destination().toString();
        if ((path.equals("/proc") || path.startsWith("/proc/")) && !PROC_TARGETS.contains(path)) {
            throw new Internal(
                    StartFailure.DOCKER_PREFIX
                            + Plan.insideProc(Plan.mountWords(mount.source(), path)));
        }
    }

    private void bind(Mount mount, MountOptions options) {
        PathBytes destination = mount.destination();
        int source = java.util.Objects.requireNonNull(sources.get(destination));
        boolean directory = Boolean.TRUE.equals(sourceIsDirectory.get(destination));
        calls.move(
                source,
                targetOutsideProc(destination.toString(), directory ? Stat.S_IFDIR : Stat.S_IFREG));
        calls.propagate(source, options);
        if (options.set() != 0 || options.clear() != 0) {
            calls.attributes(source, options.set(), options.clear(), 0, 0);
        }
        if (options.recursiveSet() != 0 || options.recursiveClear() != 0) {
            calls.attributes(
                    source,
                    options.recursiveSet(),
                    options.recursiveClear(),
                    0,
                    MountCalls.AT_RECURSIVE);
        }
    }

    /// For what a user mounts: no link of the image leads into `/proc`.
    private int targetOutsideProc(String path, int kind) {
        return calls.target(path, kind, PROC_TARGETS.contains(path) ? 0 : PROC_SUPER_MAGIC);
    }

    private void cgroups(Mount mount, MountOptions options) {
        String path = mount.destination().toString();
        if (placement.version() != 1) {
            int made = calls.fileSystem("cgroup2", "cgroup", options);
            calls.move(made, calls.target(path, Stat.S_IFDIR));
            return;
        }
        boolean readonly = (options.set() & MountOptions.RDONLY) != 0;
        MountOptions tmpfs =
                new MountOptions(
                        options.set() & ~MountOptions.RDONLY,
                        0,
                        0,
                        0,
                        0,
                        false,
                        List.of("mode=755"));
        int top = calls.fileSystem("tmpfs", "cgroup", tmpfs);
        calls.move(top, calls.target(path, Stat.S_IFDIR));
        for (Placement.Hierarchy hierarchy : placement.hierarchies()) {
            plan.words("mount cgroup on " + path + "/" + hierarchy.name(), Meaning.MOUNT);
            int directory = plan.register();
            plan.call(Syscall.MKDIRAT, in(top), at(plan.string(hierarchy.name())), number(0755));
            calls.open(
                    directory,
                    0,
                    top,
                    hierarchy.name(),
                    FileCalls.O_PATH | FileCalls.O_DIRECTORY,
                    FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS);
            Integer tree = trees.get(hierarchy);
            if (tree != null) {
                calls.move(tree, directory);
                calls.attributes(tree, options.set(), 0, MS_PRIVATE, 0);
            } else {
                MountOptions own =
                        new MountOptions(options.set(), 0, 0, 0, 0, false, hierarchy.options());
                calls.move(calls.fileSystem("cgroup", "cgroup", own), directory);
            }
            for (String link : hierarchy.links()) {
                plan.call(
                        Syscall.SYMLINKAT,
                        at(plan.string(hierarchy.name())),
                        in(top),
                        at(plan.string(link)));
            }
        }
        plan.words("mount cgroup on " + path, Meaning.MOUNT);
        if (readonly) {
            calls.attributes(top, MountOptions.RDONLY, 0, 0, 0);
        }
    }

    void readonlyRoot() {
        if (spec.root().readonly()) {
            plan.words("make the root read-only");
            calls.attributes(calls.root(), MountOptions.RDONLY, 0, 0, 0);
        }
    }

    /// See [MountCalls#ownProc].
    int ownProc() {
        return calls.ownProc();
    }

    /// See [MountCalls#writeProc].
    void writeProc(int proc, String path, String value, String words) {
        calls.writeProc(proc, path, value, words);
    }

    void maskedAndReadonly() {
        new HidingSteps(plan, calls, devices, spec, host).add();
    }

    /// See [DeviceSteps#terminal].
    void terminal(int uid, boolean console) {
        devices.terminal(uid, console);
    }
}
