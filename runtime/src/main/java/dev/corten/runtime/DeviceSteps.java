package dev.corten.runtime;

import static dev.corten.runtime.PlanWriter.at;
import static dev.corten.runtime.PlanWriter.in;
import static dev.corten.runtime.PlanWriter.number;
import static dev.corten.runtime.PlanWriter.tolerating;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.ConsoleSize;
import dev.corten.model.oci.Device;
import dev.corten.model.oci.Spec;
import dev.corten.runtime.PlanWriter.Operation;
import java.util.Map;
import java.util.Optional;

/// The steps that make devices, `/dev` and the terminal.
final class DeviceSteps {
    // asm-generic/ioctls.h
    private static final int TIOCSPTLCK = 0x40045431;
    private static final int TIOCSWINSZ = 0x5414;
    private static final int TIOCGPTPEER = 0x5441;

    private static final int OPEN_TREE_CLONE = 1;

    private static final Map<String, String> DEV_LINKS =
            Map.of(
                    "fd", "/proc/self/fd",
                    "stdin", "/proc/self/fd/0",
                    "stdout", "/proc/self/fd/1",
                    "stderr", "/proc/self/fd/2",
                    "ptmx", "pts/ptmx");

    private final PlanWriter plan;
    private final MountCalls calls;
    private final Spec spec;
    private final Host host;

    /// The tmpfs of `/dev` that this plan made, whose `null` nobody else can have touched.
    private Optional<Integer> dev = Optional.empty();

    private Optional<Integer> devpts = Optional.empty();

    DeviceSteps(PlanWriter plan, MountCalls calls, Spec spec, Host host) {
        this.plan = plan;
        this.calls = calls;
        this.spec = spec;
        this.host = host;
    }

    Optional<Integer> dev() {
        return dev;
    }

    /// @param made the devpts that is at `/dev/pts`
    void devpts(int made) {
        devpts = Optional.of(made);
    }

    /// @param made the tmpfs that becomes `/dev`
    void fill(int made) {
        dev = Optional.of(made);
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

    void node(int directory, String name, Device device) {
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

    /// Unless it is in a `/dev` of the plan's own.
    void elsewhere(Device device) {
        if (dev.isPresent() && device.path().startsWith("/dev/")) {
            return;
        }
        String path = device.path().toString();
        int slash = path.lastIndexOf('/');
        plan.words("make device " + path);
        int parent = calls.target(slash == 0 ? "/" : path.substring(0, slash), Stat.S_IFDIR);
        node(parent, path.substring(slash + 1), device);
    }

    /// Makes a pseudo-terminal, gives its master to the monitor and makes it the process's own;
    /// `/dev/console` is a bind of the slave's descriptor, never of a path (CVE-2025-52565).
    void terminal(int uid, boolean console) {
        plan.words("make a pseudo-terminal");
        int master = plan.register();
        int slave = plan.register();
        if (devpts.isPresent()) {
            calls.open(
                    master,
                    0,
                    devpts.get(),
                    "ptmx",
                    FileCalls.O_RDWR | FileCalls.O_NOCTTY,
                    FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS);
        } else {
            calls.open(
                    master,
                    0,
                    calls.root(),
                    "dev/ptmx",
                    FileCalls.O_RDWR | FileCalls.O_NOCTTY,
                    MountCalls.INSIDE);
        }
        terminalOf(plan, master, slave, uid, spec.process().consoleSize());
        if (console && dev.isPresent()) {
            plan.words("mount the terminal on /dev/console");
            int clone = plan.register();
            int target = plan.register();
            plan.callInto(
                    clone,
                    0,
                    Syscall.OPEN_TREE,
                    in(slave),
                    at(calls.empty()),
                    number(OPEN_TREE_CLONE | FileCalls.O_CLOEXEC | FileCalls.AT_EMPTY_PATH));
            calls.open(
                    target,
                    0,
                    dev.get(),
                    "console",
                    FileCalls.O_PATH,
                    FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS);
            calls.move(clone, target);
        }
        plan.words("take the terminal");
        plan.operation(Operation.SENDFD, in(master), number(1));
        plan.operation(Operation.TTY, in(slave));
    }

    /// The slave of an open master, unlocked and owned by the user. It has its size before anybody
    /// can ask for it: the monitor would set it a moment later.
    static void terminalOf(PlanWriter plan, int master, int slave, int uid, ConsoleSize size) {
        plan.call(Syscall.IOCTL, in(master), number(TIOCSPTLCK), at(plan.ints("{unlocked}", 0, 0)));
        plan.callInto(
                slave,
                0,
                Syscall.IOCTL,
                in(master),
                number(TIOCGPTPEER),
                number(FileCalls.O_RDWR | FileCalls.O_NOCTTY | FileCalls.O_CLOEXEC));
        if (size.rows() > 0 && size.columns() > 0) {
            int both = size.columns() << Short.SIZE | size.rows();
            plan.call(
                    Syscall.IOCTL,
                    in(master),
                    number(TIOCSWINSZ),
                    at(plan.ints("{size}", both, 0)));
        }
        if (uid != 0) {
            plan.call(Syscall.FCHOWN, in(slave), number(uid), number(-1));
        }
    }
}
