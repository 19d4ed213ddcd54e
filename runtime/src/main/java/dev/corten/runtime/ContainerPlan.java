package dev.corten.runtime;

import static dev.corten.runtime.PlanWriter.at;
import static dev.corten.runtime.PlanWriter.in;
import static dev.corten.runtime.PlanWriter.number;
import static dev.corten.runtime.PlanWriter.tolerating;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.file.Stat;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotImplemented;
import dev.corten.model.PathBytes;
import dev.corten.model.RawText;
import dev.corten.model.oci.Namespace;
import dev.corten.model.oci.ProcessSpec;
import dev.corten.model.oci.Spec;
import dev.corten.runtime.PlanWriter.Operation;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Compiles a container's spec to a plan. The order of the steps is the order of this file.
final class ContainerPlan {
    static final int KIND_CONTAINER = 1;

    static final int TERMINAL = 1;
    static final int OPEN_STDIN = 2;
    static final int STDIN_ONCE = 4;
    static final int DETACHED = 8;
    static final int FOREIGN = 16;

    private static final int OOM_EVENTFD = 1;
    private static final int OOM_MEMORY_EVENTS = 2;
    private static final int SYNC_START = 1;
    private static final int KEYCTL_JOIN_SESSION_KEYRING = 1;

    private static final List<Namespace.Type> JOIN_ORDER =
            List.of(
                    Namespace.Type.NETWORK,
                    Namespace.Type.IPC,
                    Namespace.Type.UTS,
                    Namespace.Type.CGROUP,
                    Namespace.Type.TIME);

    private final PlanWriter plan = new PlanWriter();
    private final Spec spec;
    private final Host host;
    private final Placement placement;
    private final Launch launch;
    private final Optional<byte[]> filter;
    private final Optional<Unwatched> unwatched;
    private final Map<Namespace.Type, Integer> joined = new EnumMap<>(Namespace.Type.class);

    private ContainerPlan(
            Launch launch,
            Host host,
            Placement placement,
            Optional<byte[]> filter,
            Optional<Unwatched> unwatched) {
        this.spec = launch.spec();
        this.host = host;
        this.placement = placement;
        this.launch = launch;
        this.filter = filter;
        this.unwatched = unwatched;
    }

    /// @param filter the compiled seccomp filter of the spec
    static Plan compile(Launch launch, Host host, Placement placement, Optional<byte[]> filter)
            throws IOException {
        return new ContainerPlan(launch, host, placement, filter, Optional.empty()).compile();
    }

    /// The plan of a container that no monitor watches.
    static Plan compile(
            Launch launch,
            Host host,
            Placement placement,
            Optional<byte[]> filter,
            Unwatched unwatched)
            throws IOException {
        return new ContainerPlan(launch, host, placement, filter, Optional.of(unwatched)).compile();
    }

    private Plan compile() throws IOException {
        refuseWhatIsMissing();
        ProcessSpec process = spec.process();

        // All descriptors first: they have the lower registers.
        int exit = plan.descriptor(launch.exitDirectory());
        int log = optional(launch.log().map(Launch.LogFile::directory));
        var mounts = new MountSteps(plan, spec, host, placement, launch);
        launch.namespaces().forEach((type, fd) -> joined.put(type, plan.descriptor(fd)));
        List<Integer> procs = placement.procs().stream().map(plan::descriptor).toList();
        int cgroup = optional(placement.directory());
        int oom = optional(placement.oom());
        int kill = optional(placement.kill());

        var tail = new ProcessSteps(plan, process, host, spec.linux().seccomp(), filter, unwatched);

        plan.inside();
        plan.words("shut out debuggers");
        plan.call(
                Syscall.PRCTL,
                number(ProcessSteps.PR_SET_DUMPABLE),
                number(0),
                number(0),
                number(0));
        plan.call(Syscall.UMASK, number(0));
        for (int file : procs) {
            plan.words("join the control groups");
            plan.call(Syscall.WRITE, in(file), at(plan.string("0")), number(1));
        }
        joinNamespaces();
        if (unwatched.isPresent()) {
            plan.words("wait for the hooks");
            plan.operation(Operation.SYNC, number(Unwatched.SYNC_ENVIRONMENT));
        }
        mounts.changeRoot();
        letGo(procs, exit, log, cgroup, oom, kill);
        joinProcesses(tail);
        plan.words("start a session");
        plan.call(Syscall.SETSID);
        names();
        mounts.mounts();
        kernelSettings(mounts);
        int cwd = workingDirectory(mounts);
        if (process.terminal()) {
            mounts.terminal(process.user().uid(), true);
        } else {
            tail.pipes(launch.stdin() != Launch.Stdin.NONE);
        }
        mounts.maskedAndReadonly();
        mounts.readonlyRoot();
        tail.limits();
        if (unwatched.isEmpty()) {
            plan.words("wait for the start");
            plan.operation(Operation.SYNC, number(SYNC_START));
        }
        plan.words(process.cwd().toString(), Plan.Meaning.CWD);
        plan.call(Syscall.FCHDIR, in(cwd));
        tail.credentialsAndCommand();
        return plan.finish(header(exit, log, cgroup, oom, kill));
    }

    private void refuseWhatIsMissing() {
        if (!spec.linux().uidMappings().isEmpty()
                || !spec.linux().gidMappings().isEmpty()
                || spec.linux().namespace(Namespace.Type.USER).isPresent()) {
            throw new NotImplemented("user namespaces are not supported yet");
        }
        if (spec.linux().namespace(Namespace.Type.MOUNT).isEmpty()) {
            throw new InvalidParameter("a container needs a mount namespace of its own");
        }
        if (launch.namespaces().containsKey(Namespace.Type.MOUNT)) {
            throw new NotImplemented("joining a mount namespace is not supported");
        }
        if (!spec.linux().sysctl().isEmpty()) {
            spec.linux().sysctl().forEach(this::checkSysctl);
        }
    }

    /// Only what belongs to a namespace of the container may be set, by names that are names
    /// (CVE-2022-0811).
    private void checkSysctl(String name, String value) {
        if (!name.matches("[A-Za-z0-9_.*/-]+") || name.contains("..") || name.startsWith("/")) {
            throw new InvalidParameter("invalid sysctl name: " + name);
        }
        if (value.indexOf('\n') >= 0 || value.indexOf('\0') >= 0 || value.indexOf('+') >= 0) {
            throw new InvalidParameter("invalid value of sysctl " + name);
        }
        String dotted = name.replace('/', '.');
        boolean ipc =
                dotted.startsWith("kernel.msg")
                        || dotted.startsWith("kernel.sem")
                        || dotted.startsWith("kernel.shm")
                        || dotted.startsWith("fs.mqueue.");
        if (dotted.equals("kernel.hostname")) {
            throw refused(name, "is not allowed as it conflicts with the OCI \"hostname\" field");
        }
        if (ipc && spec.linux().namespace(Namespace.Type.IPC).isEmpty()) {
            throw refused(name, "is not allowed in the hosts ipc namespace");
        }
        boolean net = dotted.startsWith("net.");
        if (net && spec.linux().namespace(Namespace.Type.NETWORK).isEmpty()) {
            throw refused(name, "not allowed in host network namespace");
        }
        boolean uts =
                dotted.equals("kernel.domainname")
                        && spec.linux().namespace(Namespace.Type.UTS).isPresent();
        if (!(ipc || net || uts)) {
            throw refused(name, "is not in a separate kernel namespace");
        }
    }

    private static Internal refused(String sysctl, String why) {
        return new Internal(StartFailure.RUNC_PREFIX + "sysctl \"" + sysctl + "\" " + why);
    }

    private int optional(Optional<Fd> fd) {
        return fd.map(plan::descriptor).orElse(PlanWriter.NONE);
    }

    private boolean isNew(Namespace.Type type) {
        return spec.linux().namespace(type).isPresent() && !joined.containsKey(type);
    }

    private void joinNamespaces() {
        for (Namespace.Type type : JOIN_ORDER) {
            Integer register = joined.get(type);
            if (register != null) {
                plan.words("join the " + type.file() + " namespace");
                plan.call(Syscall.SETNS, in(register), number(type.flag()));
            }
        }
        // After the move: the namespace's root is the group that the process is in.
        if (isNew(Namespace.Type.CGROUP)) {
            plan.words("make a cgroup namespace");
            plan.call(Syscall.UNSHARE, number(Namespace.Type.CGROUP.flag()));
        }
    }

    /// Closes what is the monitor's, and what leads to the host or to other containers.
    private void letGo(List<Integer> procs, int... others) {
        plan.words("let go of the host");
        for (int file : procs) {
            plan.call(Syscall.CLOSE, in(file));
        }
        for (int file : others) {
            if (file != PlanWriter.NONE) {
                // One that has two purposes is closed by then.
                plan.callInto(PlanWriter.NONE, tolerating(Errno.EBADF), Syscall.CLOSE, in(file));
            }
        }
        joined.forEach((type, register) -> {
            if (type != Namespace.Type.PID) {
                plan.call(Syscall.CLOSE, in(register));
            }
        });
    }

    /// Another container's processes see this one from here on. It has the container's root and no
    /// other, should one of them be allowed to trace it (CVE-2016-9962).
    private void joinProcesses(ProcessSteps tail) {
        Integer register = joined.get(Namespace.Type.PID);
        if (register == null) {
            return;
        }
        plan.words("join the " + Namespace.Type.PID.file() + " namespace");
        plan.call(Syscall.SETNS, in(register), number(Namespace.Type.PID.flag()));
        plan.call(Syscall.CLOSE, in(register));
        plan.operation(Operation.FORK, number(0));
        tail.deathSignal();
    }

    private void names() {
        if (isNew(Namespace.Type.UTS)) {
            name(Syscall.SETHOSTNAME, spec.hostname());
            name(Syscall.SETDOMAINNAME, spec.domainname());
        }
        if (unwatched.isPresent() && !unwatched.get().keyring()) {
            return;
        }
        plan.words("join a session keyring");
        plan.callInto(
                PlanWriter.NONE,
                tolerating(Errno.ENOSYS, Errno.EPERM, Errno.EACCES),
                Syscall.KEYCTL,
                number(KEYCTL_JOIN_SESSION_KEYRING),
                at(plan.string("_ses." + launch.id().hex())));
    }

    private void name(Syscall call, String value) {
        if (!value.isEmpty()) {
            plan.words(call.callName()); // runc's word
            plan.call(call, at(plan.string(value)), number(RawText.encode(value).length));
        }
    }

    /// What says which profile of AppArmor the next program gets, below `/proc`.
    static String appArmorFile(Host host) {
        boolean own = host.kind(PathBytes.of("/proc/self/attr/apparmor")) != Host.Kind.ABSENT;
        return own ? "self/attr/apparmor/exec" : "self/attr/exec";
    }

    /// runc's words.
    static String appArmorWords(String file) {
        return "unable to apply apparmor profile: apparmor failed to apply profile: write /proc/"
                + file;
    }

    /// Files of `/proc` that are written, in an instance that nobody else has.
    private void kernelSettings(MountSteps mounts) {
        String profile = spec.process().apparmorProfile();
        if (spec.linux().sysctl().isEmpty()
                && spec.process().oomScoreAdj().isEmpty()
                && profile.isEmpty()) {
            return;
        }
        plan.words("open a procfs of its own");
        int proc = mounts.ownProc();
        spec.linux()
                .sysctl()
                .forEach((name, value) -> {
                    plan.words("open sysctl " + name + " file");
                    mounts.writeProc(
                            proc,
                            "sys/" + name.replace('.', '/'),
                            value,
                            "failed to write sysctl " + name + " = \"" + value + "\"");
                });
        if (spec.process().oomScoreAdj().isPresent()) {
            int score = spec.process().oomScoreAdj().getAsInt();
            plan.words("open oom_score_adj");
            mounts.writeProc(
                    proc,
                    "self/oom_score_adj",
                    Integer.toString(score),
                    "write oom_score_adj = " + score);
        }
        if (!profile.isEmpty()) {
            String file = appArmorFile(host);
            String words = appArmorWords(file);
            plan.words(words);
            mounts.writeProc(proc, file, "exec " + profile, words);
        }
    }

    /// Found after the mounts, entered by descriptor: a path such as `/proc/self/fd/7` leads
    /// nowhere, as magic links are not followed (CVE-2024-21626).
    private int workingDirectory(MountSteps mounts) {
        plan.words(spec.process().cwd().toString(), Plan.Meaning.CWD);
        int cwd = plan.register();
        plan.operationInto(
                cwd,
                0,
                Operation.ENSURE,
                in(mounts.root()),
                at(plan.string(spec.process().cwd())),
                number(Stat.S_IFDIR),
                number(0755));
        return cwd;
    }

    private PlanWriter.Header header(int exit, int log, int cgroup, int oom, int kill) {
        long clone = Namespace.Type.MOUNT.flag();
        for (Namespace.Type type :
                List.of(
                        Namespace.Type.PID,
                        Namespace.Type.IPC,
                        Namespace.Type.UTS,
                        Namespace.Type.NETWORK)) {
            if (isNew(type)) {
                clone |= type.flag();
            }
        }
        int flags =
                (spec.process().terminal() ? TERMINAL : 0)
                        | (unwatched.isPresent() ? DETACHED : 0)
                        | switch (launch.stdin()) {
                            case NONE -> 0;
                            case OPEN -> OPEN_STDIN;
                            case ONCE -> OPEN_STDIN | STDIN_ONCE;
                        };
        var logFile = launch.log();
        return new PlanWriter.Header(
                KIND_CONTAINER,
                clone,
                cgroup,
                flags,
                log,
                logFile.map(l -> plan.string(l.name())).orElse(0),
                logFile.map(Launch.LogFile::maxBytes).orElse(0L),
                logFile.map(Launch.LogFile::maxFiles).orElse(1),
                exit,
                oom,
                oom == PlanWriter.NONE
                        ? 0
                        : placement.version() == 2 ? OOM_MEMORY_EVENTS : OOM_EVENTFD,
                launch.stop().signal(),
                (int) Math.min(Integer.MAX_VALUE, launch.stop().grace().toMillis()),
                kill,
                spec.process().consoleSize().rows(),
                spec.process().consoleSize().columns(),
                plan.string(launch.id().hex()));
    }
}
