package dev.corten.runtime;

import static dev.corten.runtime.PlanWriter.at;
import static dev.corten.runtime.PlanWriter.in;
import static dev.corten.runtime.PlanWriter.number;
import static dev.corten.runtime.PlanWriter.tolerating;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import dev.corten.model.RawText;
import dev.corten.model.oci.Device;
import dev.corten.model.oci.Linux;
import dev.corten.model.oci.Mount;
import dev.corten.model.oci.Namespace;
import dev.corten.model.oci.Spec;
import dev.corten.runtime.Plan.Meaning;
import dev.corten.runtime.PlanWriter.Operation;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The steps that make a container's file system.
///
/// The child changes its root first, before anything else is mounted: from then on no path of the
/// plan can mean anything of the host, which is not in the mount namespace any more. What comes
/// from the host comes by descriptor. Targets are found with `RESOLVE_IN_ROOT`; the targets of
/// proc, sysfs and `/dev` must be ordinary directories (CVE-2019-19921).
final class MountSteps {
    // linux/mount.h
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 0x4;
    private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
    private static final int OPEN_TREE_CLONE = 1;
    private static final int AT_RECURSIVE = 0x8000;
    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int MS_REC = 0x4000;
    private static final int MS_PRIVATE = 1 << 18;
    private static final int MS_SLAVE = 1 << 19;
    private static final int MNT_DETACH = 2;
    private static final int MAX_FSCONFIG = 255;

    // linux/magic.h
    private static final int PROC_SUPER_MAGIC = 0x9fa0;

    // asm-generic/ioctls.h
    private static final int TIOCSPTLCK = 0x40045431;
    private static final int TIOCGPTPEER = 0x5441;

    private static final long TARGET = FileCalls.RESOLVE_IN_ROOT | FileCalls.RESOLVE_NO_MAGICLINKS;

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

    private static final Map<String, String> DEV_LINKS =
            Map.of(
                    "fd", "/proc/self/fd",
                    "stdin", "/proc/self/fd/0",
                    "stdout", "/proc/self/fd/1",
                    "stderr", "/proc/self/fd/2",
                    "ptmx", "pts/ptmx");

    private final PlanWriter plan;
    private final Spec spec;
    private final Host host;
    private final Placement placement;
    private final int root;
    private final Map<PathBytes, Integer> sources = new HashMap<>();
    private final Map<PathBytes, Boolean> sourceIsDirectory = new HashMap<>();
    private final Map<String, Integer> how = new HashMap<>();
    private final Map<Placement.Hierarchy, Integer> trees = new HashMap<>();
    private final int empty;

    /// The tmpfs of `/dev` that this plan made, whose `null` nobody else can have touched.
    private Optional<Integer> dev = Optional.empty();

    private Optional<Integer> devpts = Optional.empty();

    /// Names all descriptors; writes nothing yet.
    MountSteps(PlanWriter plan, Spec spec, Host host, Placement placement, Launch launch)
            throws IOException {
        this.plan = plan;
        this.spec = spec;
        this.host = host;
        this.placement = placement;
        this.root = plan.descriptor(launch.root());
        this.empty = plan.string("");
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
        return root;
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
        move(root, Fd.CWD.number(), "/");
        plan.call(Syscall.FCHDIR, in(root));
        plan.call(Syscall.PIVOT_ROOT, at(plan.string(".")), at(plan.string(".")));
        plan.call(Syscall.UMOUNT2, at(plan.string(".")), number(MNT_DETACH));
        plan.call(Syscall.FCHDIR, in(root));
    }

    private void move(int from, int toDirectory, String path) {
        plan.call(
                Syscall.MOVE_MOUNT,
                in(from),
                at(empty),
                number(toDirectory),
                at(plan.string(path)),
                number(MOVE_MOUNT_F_EMPTY_PATH));
    }

    private void move(int from, int target) {
        plan.call(
                Syscall.MOVE_MOUNT,
                in(from),
                at(empty),
                in(target),
                at(empty),
                number(MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
    }

    void mounts() {
        for (Mount mount : spec.mounts()) {
            mount(mount);
        }
        // After the mounts: a device may lie on one of them.
        for (Device device : spec.linux().devices()) {
            if (!(dev.isPresent() && device.path().startsWith("/dev/"))) {
                deviceElsewhere(device);
            }
        }
        if (spec.linux().rootfsPropagation() == Linux.Propagation.SHARED) {
            plan.words("make the root shared");
            attributes(root, 0, 0, 1L << 20, 0);
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
                int made = fileSystem(mount.type(), mount.source().toString(), options);
                move(made, ordinaryDirectory(path));
                propagate(made, options);
            }
            default -> {
                refuseProc(mount);
                int made = fileSystem(mount.type(), mount.source().toString(), options);
                boolean isDev = mount.type().equals("tmpfs") && path.equals("/dev");
                if (isDev) {
                    fillDev(made);
                    dev = Optional.of(made);
                    plan.words(Plan.mountWords(mount.source(), path), Meaning.MOUNT);
                }
                move(made, isDev ? ordinaryDirectory(path) : targetOutsideProc(path, Stat.S_IFDIR));
                propagate(made, options);
                if (mount.type().equals("devpts") && path.equals("/dev/pts")) {
                    devpts = Optional.of(made);
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
        move(
                source,
                targetOutsideProc(destination.toString(), directory ? Stat.S_IFDIR : Stat.S_IFREG));
        propagate(source, options);
        if (options.set() != 0 || options.clear() != 0) {
            attributes(source, options.set(), options.clear(), 0, 0);
        }
        if (options.recursiveSet() != 0 || options.recursiveClear() != 0) {
            attributes(source, options.recursiveSet(), options.recursiveClear(), 0, AT_RECURSIVE);
        }
    }

    private void propagate(int mount, MountOptions options) {
        if (options.propagation() != 0) {
            attributes(
                    mount,
                    0,
                    0,
                    options.propagation(),
                    options.propagationRecursive() ? AT_RECURSIVE : 0);
        }
    }

    private void attributes(int mount, long set, long clear, long propagation, int flags) {
        plan.call(
                Syscall.MOUNT_SETATTR,
                in(mount),
                at(empty),
                number(FileCalls.AT_EMPTY_PATH | flags),
                at(
                        plan.longs(
                                "{set 0x%x, clear 0x%x, propagation 0x%x}"
                                        .formatted(set, clear, propagation),
                                set,
                                clear,
                                propagation,
                                0)),
                number(32));
    }

    /// A new file system, mounted nowhere yet.
    private int fileSystem(String type, String source, MountOptions options) {
        int context = plan.register();
        int made = plan.register();
        plan.callInto(context, 0, Syscall.FSOPEN, at(plan.string(type)), number(1));
        if (!source.isEmpty()) {
            setting(context, "source", source);
        }
        for (String option : options.fileSystem()) {
            int equals = option.indexOf('=');
            if (equals < 0) {
                plan.call(
                        Syscall.FSCONFIG,
                        in(context),
                        number(FSCONFIG_SET_FLAG),
                        at(plan.string(option)),
                        number(0),
                        number(0));
            } else {
                setting(context, option.substring(0, equals), option.substring(equals + 1));
            }
        }
        plan.call(
                Syscall.FSCONFIG,
                in(context),
                number(FSCONFIG_CMD_CREATE),
                number(0),
                number(0),
                number(0));
        plan.callInto(
                made, 0, Syscall.FSMOUNT, in(context), number(1), number(options.attributes()));
        return made;
    }

    private void setting(int context, String key, String value) {
        if (value.length() > MAX_FSCONFIG) {
            throw new InvalidParameter("mount option " + key + " is too long");
        }
        plan.call(
                Syscall.FSCONFIG,
                in(context),
                number(FSCONFIG_SET_STRING),
                at(plan.string(key)),
                at(plan.string(value)),
                number(0));
    }

    /// The same for what a user mounts: no link of the image leads into `/proc`.
    private int targetOutsideProc(String path, int kind) {
        return target(path, kind, PROC_TARGETS.contains(path) ? 0 : PROC_SUPER_MAGIC);
    }

    /// A descriptor of a path in the root, made if it is missing.
    private int target(String path, int kind) {
        return target(path, kind, 0);
    }

    /// @param forbidden a kind of file system on which it must not lie; 0 for none
    private int target(String path, int kind, int forbidden) {
        int target = plan.register();
        plan.operationInto(
                target,
                0,
                Operation.ENSURE,
                in(root),
                at(plan.string(path)),
                number(kind),
                number(0755),
                number(forbidden));
        return target;
    }

    /// A directory right below the root or deeper that no symbolic link leads to or through.
    private int ordinaryDirectory(String path) {
        int target = plan.register();
        String relative = path.substring(1);
        for (int slash = relative.indexOf('/'); ; slash = relative.indexOf('/', slash + 1)) {
            String part = slash < 0 ? relative : relative.substring(0, slash);
            plan.callInto(
                    PlanWriter.NONE,
                    tolerating(Errno.EEXIST, Errno.EROFS),
                    Syscall.MKDIRAT,
                    in(root),
                    at(plan.string(part)),
                    number(0755));
            if (slash < 0) {
                break;
            }
        }
        open(
                target,
                0,
                root,
                relative,
                FileCalls.O_PATH | FileCalls.O_DIRECTORY,
                FileCalls.RESOLVE_NO_SYMLINKS | FileCalls.RESOLVE_IN_ROOT);
        return target;
    }

    /// openat2(2), close-on-exec.
    void open(
            int destination, long tolerated, int directory, String path, int flags, long resolve) {
        long all = flags | FileCalls.O_CLOEXEC;
        int structure =
                how.computeIfAbsent(
                        all + " " + resolve,
                        _ ->
                                plan.longs(
                                        "{flags 0%o, resolve 0x%x}".formatted(all, resolve),
                                        all,
                                        0,
                                        resolve));
        plan.callInto(
                destination,
                tolerated,
                Syscall.OPENAT2,
                in(directory),
                at(plan.string(path)),
                at(structure),
                number(24));
    }

    private void fillDev(int made) {
        for (Device device : spec.linux().devices()) {
            if (device.path().startsWith("/dev/")) {
                String name = device.path().toString().substring("/dev/".length());
                plan.words("make device " + device.path());
                for (int slash = name.indexOf('/');
                        slash > 0;
                        slash = name.indexOf('/', slash + 1)) {
                    plan.callInto(
                            PlanWriter.NONE,
                            tolerating(Errno.EEXIST),
                            Syscall.MKDIRAT,
                            in(made),
                            at(plan.string(name.substring(0, slash))),
                            number(0755));
                }
                node(made, name, device);
            }
        }
        plan.words("make links in /dev");
        DEV_LINKS.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(link -> devLink(made, link.getKey(), link.getValue()));
        if (host.kind(PathBytes.of("/proc/kcore")) != Host.Kind.ABSENT) {
            devLink(made, "core", "/proc/kcore");
        }
        if (spec.process().terminal()) {
            plan.words("make /dev/console");
            plan.call(
                    Syscall.MKNODAT,
                    in(made),
                    at(plan.string("console")),
                    number(Stat.S_IFREG | 0666),
                    number(0));
        }
    }

    private void devLink(int made, String name, String value) {
        plan.callInto(
                PlanWriter.NONE,
                tolerating(Errno.EEXIST),
                Syscall.SYMLINKAT,
                at(plan.string(value)),
                in(made),
                at(plan.string(name)));
    }

    private void node(int directory, String name, Device device) {
        int type =
                switch (device.type()) {
                    case 'c', 'u' -> Stat.S_IFCHR;
                    case 'b' -> Stat.S_IFBLK;
                    case 'p' -> Stat.S_IFIFO;
                    default -> throw new InvalidParameter("invalid device type: " + device.type());
                };
        plan.callInto(
                PlanWriter.NONE,
                tolerating(Errno.EEXIST),
                Syscall.MKNODAT,
                in(directory),
                at(plan.string(name)),
                number(type | (device.mode() & 07777)),
                number(type == Stat.S_IFIFO ? 0 : Stat.makeDevice(device.major(), device.minor())));
        if (device.uid() != 0 || device.gid() != 0) {
            plan.call(
                    Syscall.FCHOWNAT,
                    in(directory),
                    at(plan.string(name)),
                    number(device.uid()),
                    number(device.gid()),
                    number(FileCalls.AT_SYMLINK_NOFOLLOW));
        }
    }

    private void deviceElsewhere(Device device) {
        String path = device.path().toString();
        int slash = path.lastIndexOf('/');
        plan.words("make device " + path);
        int parent = target(slash == 0 ? "/" : path.substring(0, slash), Stat.S_IFDIR);
        node(parent, path.substring(slash + 1), device);
    }

    private void cgroups(Mount mount, MountOptions options) {
        String path = mount.destination().toString();
        if (placement.version() != 1) {
            int made = fileSystem("cgroup2", "cgroup", options);
            move(made, target(path, Stat.S_IFDIR));
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
        int top = fileSystem("tmpfs", "cgroup", tmpfs);
        move(top, target(path, Stat.S_IFDIR));
        for (Placement.Hierarchy hierarchy : placement.hierarchies()) {
            plan.words("mount cgroup on " + path + "/" + hierarchy.name(), Meaning.MOUNT);
            int directory = plan.register();
            plan.call(Syscall.MKDIRAT, in(top), at(plan.string(hierarchy.name())), number(0755));
            open(
                    directory,
                    0,
                    top,
                    hierarchy.name(),
                    FileCalls.O_PATH | FileCalls.O_DIRECTORY,
                    FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS);
            Integer tree = trees.get(hierarchy);
            if (tree != null) {
                move(tree, directory);
                attributes(tree, options.set(), 0, MS_PRIVATE, 0);
            } else {
                MountOptions own =
                        new MountOptions(options.set(), 0, 0, 0, 0, false, hierarchy.options());
                move(fileSystem("cgroup", "cgroup", own), directory);
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
            attributes(top, MountOptions.RDONLY, 0, 0, 0);
        }
    }

    /// A procfs of this plan's own that is never attached: nothing can be mounted over its files
    /// (CVE-2025-52881).
    int ownProc() {
        return fileSystem("proc", "proc", MountOptions.parse(List.of()));
    }

    /// Writes a file of [#ownProc].
    ///
    /// @param words of the writing, should it fail
    void writeProc(int proc, String path, String value, String words) {
        int file = plan.register();
        open(
                file,
                0,
                proc,
                path,
                FileCalls.O_WRONLY,
                FileCalls.RESOLVE_BENEATH
                        | FileCalls.RESOLVE_NO_XDEV
                        | FileCalls.RESOLVE_NO_MAGICLINKS);
        plan.words(words);
        plan.call(
                Syscall.WRITE,
                in(file),
                at(plan.string(value)),
                number(RawText.encode(value).length));
    }

    void maskedAndReadonly() {
        for (PathBytes path : spec.linux().readonlyPaths()) {
            readonly(path);
        }
        List<PathBytes> masked =
                spec.linux().maskedPaths().stream()
                        .filter(path -> kind(path) != Target.ABSENT)
                        .toList();
        if (masked.isEmpty()) {
            return;
        }
        plan.words("make what masked files show");
        int devices = dev.isPresent() ? dev.get() : privateNull();
        var nulls = new HashMap<PathBytes, Integer>();
        for (PathBytes path : masked) {
            if (kind(path) != Target.DIRECTORY) {
                int clone = plan.register();
                plan.callInto(
                        clone,
                        0,
                        Syscall.OPEN_TREE,
                        in(devices),
                        at(plan.string("null")),
                        number(
                                OPEN_TREE_CLONE
                                        | FileCalls.O_CLOEXEC
                                        | FileCalls.AT_SYMLINK_NOFOLLOW));
                nulls.put(path, clone);
            }
        }
        if (dev.isEmpty()) {
            plan.call(Syscall.UMOUNT2, at(plan.string("/proc")), number(MNT_DETACH));
        }
        for (PathBytes path : masked) {
            mask(path, nulls.get(path));
        }
    }

    /// Without a `/dev` of the plan's own: a tmpfs with a `null`, attached for a moment so that
    /// its file can be bound.
    private int privateNull() {
        int made = fileSystem("tmpfs", "tmpfs", MountOptions.parse(List.of("nosuid", "noexec")));
        node(made, "null", new Device("/dev/null", 'c', 1, 3, 0666));
        move(made, target("/proc", Stat.S_IFDIR));
        return made;
    }

    /// What is known of a path when the plan is made.
    private enum Target {
        ABSENT,
        FILE,
        DIRECTORY,
        UNKNOWN
    }

    private Target kind(PathBytes path) {
        if (Host.KNOWN_ROOTS.stream().noneMatch(path::startsWith)) {
            return Target.UNKNOWN;
        }
        return switch (host.kind(path)) {
            case ABSENT -> Target.ABSENT;
            case FILE -> Target.FILE;
            case DIRECTORY -> Target.DIRECTORY;
        };
    }

    private void mask(PathBytes path, @Nullable Integer nullFile) {
        Target kind = kind(path);
        plan.words("mask " + path);
        String name = path.toString();
        boolean unknown = kind == Target.UNKNOWN;
        // What is there now need not be there in a container with another set of namespaces.
        long absent = tolerating(Errno.ENOENT, Errno.ENOTDIR);
        if (kind != Target.FILE) {
            int directory = plan.register();
            open(directory, absent, root, name, FileCalls.O_PATH | FileCalls.O_DIRECTORY, TARGET);
            int hidden =
                    fileSystem(
                            "tmpfs",
                            "tmpfs",
                            MountOptions.parse(List.of("ro", "size=4k", "nr_inodes=1")));
            moveIfThere(hidden, directory, tolerating(Errno.EBADF));
        }
        if (nullFile != null) {
            int file = plan.register();
            open(file, absent, root, name, FileCalls.O_PATH, TARGET);
            // A directory has been covered by the tmpfs before: EINVAL, as null is a file.
            moveIfThere(
                    nullFile,
                    file,
                    unknown
                            ? tolerating(Errno.EBADF, Errno.EINVAL, Errno.ENOTDIR)
                            : tolerating(Errno.EBADF));
        }
    }

    private void moveIfThere(int from, int target, long tolerated) {
        plan.callInto(
                PlanWriter.NONE,
                tolerated,
                Syscall.MOVE_MOUNT,
                in(from),
                at(empty),
                in(target),
                at(empty),
                number(MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
    }

    private void readonly(PathBytes path) {
        if (kind(path) == Target.ABSENT) {
            return;
        }
        plan.words("make " + path + " read-only");
        int target = plan.register();
        int clone = plan.register();
        open(
                target,
                tolerating(Errno.ENOENT, Errno.ENOTDIR),
                root,
                path.toString(),
                FileCalls.O_PATH,
                TARGET);
        plan.callInto(
                clone,
                tolerating(Errno.EBADF),
                Syscall.OPEN_TREE,
                in(target),
                at(empty),
                number(
                        OPEN_TREE_CLONE
                                | FileCalls.O_CLOEXEC
                                | FileCalls.AT_EMPTY_PATH
                                | AT_RECURSIVE));
        plan.callInto(
                PlanWriter.NONE,
                tolerating(Errno.EBADF),
                Syscall.MOUNT_SETATTR,
                in(clone),
                at(empty),
                number(FileCalls.AT_EMPTY_PATH | AT_RECURSIVE),
                at(
                        plan.longs(
                                "{set 0x1, clear 0x0, propagation 0x0}",
                                MountOptions.RDONLY,
                                0,
                                0,
                                0)),
                number(32));
        moveIfThere(clone, target, tolerating(Errno.EBADF));
    }

    void readonlyRoot() {
        if (spec.root().readonly()) {
            plan.words("make the root read-only");
            attributes(root, MountOptions.RDONLY, 0, 0, 0);
        }
    }

    /// Makes a pseudo-terminal, gives its master to the monitor and makes it the process's own;
    /// `/dev/console` is a bind of the slave's descriptor, never of a path (CVE-2025-52565).
    void terminal(int uid, boolean console) {
        plan.words("make a pseudo-terminal");
        int master = plan.register();
        int slave = plan.register();
        if (devpts.isPresent()) {
            open(
                    master,
                    0,
                    devpts.get(),
                    "ptmx",
                    FileCalls.O_RDWR | FileCalls.O_NOCTTY,
                    FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS);
        } else {
            open(master, 0, root, "dev/ptmx", FileCalls.O_RDWR | FileCalls.O_NOCTTY, TARGET);
        }
        terminalOf(plan, master, slave, uid);
        if (console && dev.isPresent()) {
            plan.words("mount the terminal on /dev/console");
            int clone = plan.register();
            int target = plan.register();
            plan.callInto(
                    clone,
                    0,
                    Syscall.OPEN_TREE,
                    in(slave),
                    at(empty),
                    number(OPEN_TREE_CLONE | FileCalls.O_CLOEXEC | FileCalls.AT_EMPTY_PATH));
            open(
                    target,
                    0,
                    dev.get(),
                    "console",
                    FileCalls.O_PATH,
                    FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS);
            move(clone, target);
        }
        plan.words("take the terminal");
        plan.operation(Operation.SENDFD, in(master), number(1));
        plan.operation(Operation.TTY, in(slave));
    }

    /// The slave of an open master, unlocked and owned by the user.
    static void terminalOf(PlanWriter plan, int master, int slave, int uid) {
        plan.call(Syscall.IOCTL, in(master), number(TIOCSPTLCK), at(plan.ints("{unlocked}", 0, 0)));
        plan.callInto(
                slave,
                0,
                Syscall.IOCTL,
                in(master),
                number(TIOCGPTPEER),
                number(FileCalls.O_RDWR | FileCalls.O_NOCTTY | FileCalls.O_CLOEXEC));
        if (uid != 0) {
            plan.call(Syscall.FCHOWN, in(slave), number(uid), number(-1));
        }
    }
}
