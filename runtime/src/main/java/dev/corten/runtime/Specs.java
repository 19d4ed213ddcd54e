package dev.corten.runtime;

import dev.corten.kernel.seccomp.Abi;
import dev.corten.kernel.seccomp.KernelVersion;
import dev.corten.kernel.seccomp.SeccompProfile;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.Capabilities;
import dev.corten.model.oci.Capability;
import dev.corten.model.oci.ConsoleSize;
import dev.corten.model.oci.DeviceRule;
import dev.corten.model.oci.Linux;
import dev.corten.model.oci.Mount;
import dev.corten.model.oci.Namespace;
import dev.corten.model.oci.ProcessSpec;
import dev.corten.model.oci.Resources;
import dev.corten.model.oci.Root;
import dev.corten.model.oci.Seccomp;
import dev.corten.model.oci.Spec;
import dev.corten.model.oci.User;
import dev.corten.runtime.bundle.DefaultDevices;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// Makes the OCI spec of a container as Docker does: its default mounts, devices, capabilities,
/// masked and read-only paths.
///
/// Immutable; made once for a machine.
public final class Specs {
    /// What Docker grants: `00000000a80425fb`.
    public static final Set<Capability> DEFAULT_CAPABILITIES =
            Collections.unmodifiableSet(
                    EnumSet.of(
                            Capability.CHOWN,
                            Capability.DAC_OVERRIDE,
                            Capability.FSETID,
                            Capability.FOWNER,
                            Capability.MKNOD,
                            Capability.NET_RAW,
                            Capability.SETGID,
                            Capability.SETUID,
                            Capability.SETFCAP,
                            Capability.SETPCAP,
                            Capability.NET_BIND_SERVICE,
                            Capability.SYS_CHROOT,
                            Capability.KILL,
                            Capability.AUDIT_WRITE));

    private static final long DEFAULT_SHM_BYTES = 64L << 20;

    private static final List<PathBytes> MASKED_PATHS =
            paths(
                    "/proc/asound",
                    "/proc/acpi",
                    "/proc/interrupts",
                    "/proc/kcore",
                    "/proc/keys",
                    "/proc/latency_stats",
                    "/proc/timer_list",
                    "/proc/timer_stats",
                    "/proc/sched_debug",
                    "/proc/scsi",
                    "/sys/firmware",
                    "/sys/devices/virtual/powercap");

    private static final List<PathBytes> READONLY_PATHS =
            paths("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private final Set<Capability> own;
    private final Abi abi;
    private final KernelVersion kernel;
    private final List<PathBytes> thermal;

    Specs(Set<Capability> own, Abi abi, KernelVersion kernel, List<PathBytes> thermal) {
        this.own = Set.copyOf(own);
        this.abi = abi;
        this.kernel = kernel;
        this.thermal = List.copyOf(thermal);
    }

    /// For the running machine and process.
    public static Specs ofHost() throws IOException {
        return new Specs(
                Capability.ofMask(dev.corten.kernel.process.Capabilities.bounding()),
                Abi.host(),
                KernelVersion.host(),
                thermalThrottles(Host.running()));
    }

    /// The paths that are hidden from a container unless it asks for others.
    public List<PathBytes> maskedPaths() {
        var masked = new ArrayList<>(MASKED_PATHS);
        masked.addAll(thermal);
        return List.copyOf(masked);
    }

    /// The paths that a container cannot write unless it asks for others.
    public List<PathBytes> readonlyPaths() {
        return READONLY_PATHS;
    }

    /// Docker masks these counters of each processor where they are.
    private static List<PathBytes> thermalThrottles(Host host) {
        var paths = new ArrayList<PathBytes>();
        for (int cpu = 0; ; cpu++) {
            String directory = "/sys/devices/system/cpu/cpu" + cpu;
            if (host.kind(PathBytes.of(directory)) == Host.Kind.ABSENT) {
                return paths;
            }
            PathBytes throttle = PathBytes.of(directory + "/thermal_throttle");
            if (host.kind(throttle) != Host.Kind.ABSENT) {
                paths.add(throttle);
            }
        }
    }

    private static List<PathBytes> paths(String... paths) {
        var list = new ArrayList<PathBytes>();
        for (String path : paths) {
            list.add(PathBytes.of(path));
        }
        return List.copyOf(list);
    }

    /// The OCI spec of a container.
    ///
    /// @throws InvalidParameter if the request is wrong: unknown capabilities, a broken profile
    public Spec spec(SpecRequest request) {
        SpecRequest.Privileges privileges = request.privileges();
        Set<Capability> granted =
                capabilities(privileges.capAdd(), privileges.capDrop(), privileges.privileged());
        return new Spec(
                process(request, granted),
                new Root(PathBytes.of("/"), request.fileSystem().readonly()),
                request.sharing().hostname(),
                request.sharing().domainname(),
                mounts(request),
                linux(request, granted),
                Map.of());
    }

    private static ProcessSpec process(SpecRequest request, Set<Capability> granted) {
        SpecRequest.Command command = request.command();
        SpecRequest.Privileges privileges = request.privileges();
        return new ProcessSpec(
                command.tty(),
                command.size(),
                privileges.user(),
                command.args(),
                command.env(),
                command.cwd(),
                Capabilities.of(granted, privileges.user().uid()),
                request.limits().rlimits(),
                privileges.noNewPrivileges(),
                request.limits().oomScoreAdj(),
                privileges.apparmorProfile());
    }

    /// Another process in a container with this spec.
    ///
    /// @param user as whom
    public ProcessSpec execProcess(
            Spec container,
            List<String> args,
            List<String> env,
            PathBytes cwd,
            User user,
            boolean tty,
            ConsoleSize size,
            boolean privileged) {
        Set<Capability> granted = privileged ? own : container.process().capabilities().bounding();
        return new ProcessSpec(
                tty,
                size,
                user,
                args,
                env,
                cwd,
                Capabilities.of(granted, user.uid()),
                container.process().rlimits(),
                container.process().noNewPrivileges(),
                container.process().oomScoreAdj(),
                container.process().apparmorProfile());
    }

    /// The capabilities that result from Docker's flags, but none that this process lacks itself.
    Set<Capability> capabilities(List<String> add, List<String> drop, boolean privileged) {
        Set<Capability> added = named(add, "CapAdd");
        Set<Capability> dropped = named(drop, "CapDrop");
        Set<Capability> result = EnumSet.noneOf(Capability.class);
        if (privileged) {
            result.addAll(own);
            return result;
        }
        if (hasAll(add)) {
            result.addAll(own);
            result.removeAll(dropped);
        } else if (hasAll(drop)) {
            result.addAll(added);
        } else {
            result.addAll(DEFAULT_CAPABILITIES);
            result.removeAll(dropped);
            result.addAll(added);
        }
        result.retainAll(own);
        return result;
    }

    private static boolean hasAll(List<String> names) {
        return names.stream().anyMatch(n -> n.equalsIgnoreCase("ALL"));
    }

    private static Set<Capability> named(List<String> names, String field) {
        Set<Capability> set = EnumSet.noneOf(Capability.class);
        for (String name : names) {
            if (!name.equalsIgnoreCase("ALL")) {
                set.add(
                        Capability.find(name)
                                .orElseThrow(() ->
                                        new InvalidParameter(
                                                "invalid "
                                                        + field
                                                        + ": unknown capability: \""
                                                        + withPrefix(name)
                                                        + "\"")));
            }
        }
        return set;
    }

    private static String withPrefix(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return upper.startsWith("CAP_") ? upper : "CAP_" + upper;
    }

    /// The default mounts, without those that a mount of the request replaces; then the request's
    /// own, `tmpfs` among them.
    private static List<Mount> mounts(SpecRequest request) {
        SpecRequest.FileSystem fileSystem = request.fileSystem();
        boolean privileged = request.privileges().privileged();
        long shm = fileSystem.shmBytes() == 0 ? DEFAULT_SHM_BYTES : fileSystem.shmBytes();
        String access = privileged ? "rw" : "ro";
        boolean writable = request.privileges().writableCgroups().orElse(privileged);
        String cgroups = writable ? "rw" : "ro";
        boolean hostIpc = request.sharing().ipc() == SpecRequest.Choice.HOST;
        var all = new LinkedHashMap<PathBytes, Mount>();
        var defaults =
                List.of(
                        new Mount("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")),
                        new Mount(
                                "/dev",
                                "tmpfs",
                                "tmpfs",
                                List.of("nosuid", "strictatime", "mode=755", "size=65536k")),
                        new Mount(
                                "/dev/pts",
                                "devpts",
                                "devpts",
                                List.of(
                                        "nosuid",
                                        "noexec",
                                        "newinstance",
                                        "ptmxmode=0666",
                                        "mode=0620",
                                        "gid=5")),
                        new Mount(
                                "/sys",
                                "sysfs",
                                "sysfs",
                                List.of("nosuid", "noexec", "nodev", access)),
                        new Mount(
                                "/sys/fs/cgroup",
                                "cgroup",
                                "cgroup",
                                List.of(cgroups, "nosuid", "noexec", "nodev")),
                        // Whose queues they are is up to the namespace.
                        new Mount(
                                "/dev/mqueue",
                                "mqueue",
                                "mqueue",
                                List.of("nosuid", "noexec", "nodev")),
                        hostIpc
                                ? hostBind("/dev/shm")
                                : new Mount(
                                        "/dev/shm",
                                        "tmpfs",
                                        "shm",
                                        List.of(
                                                "nosuid",
                                                "noexec",
                                                "nodev",
                                                "mode=1777",
                                                "size=" + shm)));
        for (Mount mount : defaults) {
            all.put(mount.destination(), mount);
        }
        if (fileSystem.shmBytes() == SpecRequest.NO_SHM) {
            all.remove(PathBytes.of("/dev/shm"));
        }
        var own = new ArrayList<Mount>();
        fileSystem.tmpfs().forEach((path, options) -> own.add(tmpfs(path, options)));
        own.addAll(fileSystem.mounts());
        // What lies on another mount comes after it.
        own.sort(Comparator.comparingInt(mount -> mount.destination().components().size()));
        if (own.stream().anyMatch(mount -> mount.destination().is("/dev"))) {
            all.keySet().removeIf(path -> path.startsWith("/dev/"));
        }
        own.forEach(mount -> replace(all, mount));
        return List.copyOf(all.values());
    }

    private static void replace(Map<PathBytes, Mount> all, Mount mount) {
        // Removed first, so that it comes after what it may lie on.
        all.remove(mount.destination());
        all.put(mount.destination(), mount);
    }

    private static Mount hostBind(String path) {
        return new Mount(path, "bind", path, List.of("rbind", "rprivate"));
    }

    private static Mount tmpfs(PathBytes path, String options) {
        var all = new ArrayList<>(List.of("rw", "nosuid", "nodev", "noexec"));
        for (String option : options.split(",", -1)) {
            if (!option.isBlank()) {
                all.add(option);
            }
        }
        return new Mount(path, "tmpfs", PathBytes.of("tmpfs"), all);
    }

    private Linux linux(SpecRequest request, Set<Capability> granted) {
        SpecRequest.FileSystem fileSystem = request.fileSystem();
        SpecRequest.Limits limits = request.limits();
        boolean privileged = request.privileges().privileged();
        var devices = new ArrayList<>(DefaultDevices.ALL);
        devices.addAll(fileSystem.devices());
        return new Linux(
                namespaces(request.sharing()),
                List.of(),
                List.of(),
                devices,
                withDevices(limits.resources(), deviceRules(request)),
                limits.cgroupsPath(),
                sysctls(request),
                seccomp(request.privileges(), granted),
                privileged ? List.of() : fileSystem.maskedPaths().orElse(maskedPaths()),
                privileged ? List.of() : fileSystem.readonlyPaths().orElse(READONLY_PATHS),
                Linux.Propagation.PRIVATE,
                limits.rdtClass());
    }

    private static List<Namespace> namespaces(SpecRequest.Sharing sharing) {
        var namespaces = new ArrayList<Namespace>();
        namespaces.add(new Namespace(Namespace.Type.MOUNT));
        add(namespaces, Namespace.Type.NETWORK, sharing.network());
        add(namespaces, Namespace.Type.UTS, sharing.uts());
        add(namespaces, Namespace.Type.PID, sharing.pid());
        add(namespaces, Namespace.Type.IPC, sharing.ipc());
        add(namespaces, Namespace.Type.CGROUP, sharing.cgroup());
        return namespaces;
    }

    private static void add(
            List<Namespace> namespaces, Namespace.Type type, SpecRequest.Choice choice) {
        if (choice != SpecRequest.Choice.HOST) {
            namespaces.add(new Namespace(type));
        }
    }

    private static Map<String, String> sysctls(SpecRequest request) {
        var sysctls = new LinkedHashMap<String, String>();
        if (request.sharing().network() != SpecRequest.Choice.HOST) {
            sysctls.put("net.ipv4.ip_unprivileged_port_start", "0");
            sysctls.put("net.ipv4.ping_group_range", "0 2147483647");
        }
        sysctls.putAll(request.limits().sysctls());
        return sysctls;
    }

    private Optional<Seccomp> seccomp(SpecRequest.Privileges privileges, Set<Capability> granted) {
        return switch (privileges.seccomp()) {
            case SpecRequest.SeccompChoice.Standard() ->
                    privileges.privileged()
                            ? Optional.empty()
                            : Optional.of(SeccompProfile.standard().reduce(granted, abi, kernel));
            case SpecRequest.SeccompChoice.Unconfined() -> Optional.empty();
            case SpecRequest.SeccompChoice.Custom(String json) ->
                    Optional.of(custom(json).reduce(granted, abi, kernel));
        };
    }

    private static SeccompProfile custom(String json) {
        try {
            return SeccompProfile.parse(json);
        } catch (InvalidParameter e) {
            // What Docker leaves to the start is an error of the start.
            boolean decoding = e.message().startsWith("Decoding ");
            throw new Internal((decoding ? "" : StartFailure.RUNC_PREFIX) + e.message(), e);
        }
    }

    private static List<DeviceRule> deviceRules(SpecRequest request) {
        var rules = new ArrayList<DeviceRule>();
        if (request.privileges().privileged()) {
            rules.add(new DeviceRule(true, 'a', OptionalLong.empty(), OptionalLong.empty(), "rwm"));
            return rules;
        }
        rules.add(new DeviceRule(false, 'a', OptionalLong.empty(), OptionalLong.empty(), "rwm"));
        rules.addAll(DefaultDevices.rules());
        rules.addAll(request.limits().extraDeviceRules());
        return rules;
    }

    private static Resources withDevices(Resources resources, List<DeviceRule> rules) {
        return new Resources(
                resources.memory(),
                resources.cpu(),
                resources.pidsLimit(),
                resources.blockIo(),
                resources.hugepages(),
                rules,
                resources.unified());
    }
}
