package dev.corten.runtime;

import static dev.corten.runtime.PlanWriter.at;
import static dev.corten.runtime.PlanWriter.in;
import static dev.corten.runtime.PlanWriter.number;

import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.oci.ConsoleSize;
import dev.corten.model.oci.Namespace;
import dev.corten.model.oci.ProcessSpec;
import dev.corten.runtime.Plan.Meaning;
import dev.corten.runtime.PlanWriter.Operation;
import java.util.List;
import java.util.Optional;

/// Compiles a plan that enters a running container.
///
/// Register 1 is a pidfd of the container's first process. The first child enters all namespaces in
/// one call and lets go of the host; only then its own child appears among the container's
/// processes. One of those that may trace others finds nothing of the host at it: neither a root
/// nor a descriptor (CVE-2016-9962).
final class ExecPlan {
    /// Where tools are seen: a directory that every container has, in which nobody looks for
    /// anything, and where nothing has to be made in the container's own files.
    static final String TOOLBOX = "/proc/fs";

    private static final int MS_REC = 0x4000;
    private static final int MS_SLAVE = 1 << 19;
    private static final int EMPTY_PATHS = 0x4 | 0x40; // MOVE_MOUNT_F_EMPTY_PATH, T_EMPTY_PATH
    private static final int KIND_EXEC = 2;
    private static final int INIT_PIDFD = 1;
    private static final long RESOLVE = FileCalls.RESOLVE_IN_ROOT | FileCalls.RESOLVE_NO_MAGICLINKS;

    private ExecPlan() {}

    /// @param filter the compiled seccomp filter
    static Plan compile(
            ExecRequest request, Host host, Placement placement, Optional<byte[]> filter) {
        return compile(request, host, placement, filter, Optional.empty());
    }

    /// @param unwatched absent: it is a monitor's
    static Plan compile(
            ExecRequest request,
            Host host,
            Placement placement,
            Optional<byte[]> filter,
            Optional<Unwatched> unwatched) {
        var plan = new PlanWriter();
        ProcessSpec process = request.process();
        List<Integer> procs = placement.procs().stream().map(plan::descriptor).toList();
        int cgroup = placement.directory().map(plan::descriptor).orElse(PlanWriter.NONE);
        int tools = request.toolbox().map(plan::descriptor).orElse(PlanWriter.NONE);
        var tail = new ProcessSteps(plan, process, host, request.seccomp(), filter, unwatched);
        int openDirectory =
                plan.longs(
                        "{directory}",
                        FileCalls.O_PATH | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC,
                        0,
                        RESOLVE);

        plan.inside();
        for (int file : procs) {
            plan.words("join the control groups");
            plan.call(Syscall.WRITE, in(file), at(plan.string("0")), number(1));
        }
        process.oomScoreAdj().ifPresent(score -> oomScore(plan, score));
        plan.words("join the container's namespaces");
        plan.call(
                Syscall.SETNS,
                in(INIT_PIDFD),
                number(
                        Namespace.Type.PID.flag()
                                | Namespace.Type.MOUNT.flag()
                                | Namespace.Type.IPC.flag()
                                | Namespace.Type.UTS.flag()
                                | Namespace.Type.NETWORK.flag()
                                | Namespace.Type.CGROUP.flag()));
        for (int file : procs) {
            plan.call(Syscall.CLOSE, in(file));
        }
        if (cgroup != PlanWriter.NONE) {
            plan.call(Syscall.CLOSE, in(cgroup));
        }
        plan.call(Syscall.CLOSE, in(INIT_PIDFD));
        if (tools != PlanWriter.NONE) {
            toolbox(plan, tools);
        }
        plan.operation(Operation.FORK, number(0));
        tail.deathSignal();
        plan.words("start a session");
        plan.call(Syscall.SETSID);
        plan.call(Syscall.UMASK, number(0));
        int root = plan.register();
        plan.words("open the container's root");
        plan.callInto(
                root,
                0,
                Syscall.OPENAT,
                number(Fd.CWD.number()),
                at(plan.string("/")),
                number(FileCalls.O_PATH | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC),
                number(0));
        if (!process.apparmorProfile().isEmpty()) {
            var calls = new MountCalls(plan, root);
            String file = ContainerPlan.appArmorFile(host);
            String words = ContainerPlan.appArmorWords(file);
            plan.words(words);
            calls.writeProc(calls.ownProc(), file, "exec " + process.apparmorProfile(), words);
        }
        if (process.terminal()) {
            terminal(plan, root, process.user().uid(), process.consoleSize());
        } else {
            tail.pipes(request.openStdin());
        }
        plan.words(process.cwd().toString(), Meaning.CWD);
        int cwd = plan.register();
        plan.callInto(
                cwd,
                0,
                Syscall.OPENAT2,
                in(root),
                at(plan.string(process.cwd())),
                at(openDirectory),
                number(24));
        plan.call(Syscall.FCHDIR, in(cwd));
        tail.limits();
        tail.credentialsAndCommand();
        return plan.finish(header(plan, request, cgroup, unwatched.isPresent()));
    }

    /// Before the fork: whoever does this is not yet among the container's processes. Links of the
    /// container's are not followed.
    private static void toolbox(PlanWriter plan, int tools) {
        plan.words("make a mount namespace of its own");
        plan.call(Syscall.UNSHARE, number(Namespace.Type.MOUNT.flag()));
        plan.call(
                Syscall.MOUNT,
                number(0),
                at(plan.string("/")),
                number(0),
                number(MS_REC | MS_SLAVE),
                number(0));
        plan.words("mount the toolbox at " + TOOLBOX);
        int how =
                plan.longs(
                        "{toolbox}",
                        FileCalls.O_PATH | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC,
                        0,
                        FileCalls.RESOLVE_NO_SYMLINKS);
        int target = plan.register();
        plan.callInto(
                target,
                0,
                Syscall.OPENAT2,
                number(Fd.CWD.number()),
                at(plan.string(TOOLBOX)),
                at(how),
                number(24));
        int empty = plan.string("");
        plan.call(
                Syscall.MOVE_MOUNT,
                in(tools),
                at(empty),
                in(target),
                at(empty),
                number(EMPTY_PATHS));
        plan.call(Syscall.CLOSE, in(target));
        plan.call(Syscall.CLOSE, in(tools));
    }

    /// While the root is still the host's: no mount of the container's lies over this file.
    private static void oomScore(PlanWriter plan, int score) {
        int file = plan.register();
        String text = Integer.toString(score);
        plan.words("write oom_score_adj = " + score);
        plan.callInto(
                file,
                0,
                Syscall.OPENAT,
                number(Fd.CWD.number()),
                at(plan.string("/proc/self/oom_score_adj")),
                number(FileCalls.O_WRONLY | FileCalls.O_CLOEXEC),
                number(0));
        plan.call(Syscall.WRITE, in(file), at(plan.string(text)), number(text.length()));
        plan.call(Syscall.CLOSE, in(file));
    }

    private static void terminal(PlanWriter plan, int root, int uid, ConsoleSize size) {
        plan.words("make a pseudo-terminal");
        int master = plan.register();
        int slave = plan.register();
        plan.callInto(
                master,
                0,
                Syscall.OPENAT2,
                in(root),
                at(plan.string("dev/pts/ptmx")),
                at(
                        plan.longs(
                                "{terminal}",
                                FileCalls.O_RDWR | FileCalls.O_NOCTTY | FileCalls.O_CLOEXEC,
                                0,
                                RESOLVE)),
                number(24));
        DeviceSteps.terminalOf(plan, master, slave, uid, size);
        plan.words("take the terminal");
        plan.operation(Operation.SENDFD, in(master), number(1));
        plan.operation(Operation.TTY, in(slave));
    }

    private static PlanWriter.Header header(
            PlanWriter plan, ExecRequest request, int cgroup, boolean detached) {
        ProcessSpec process = request.process();
        int flags =
                (process.terminal() ? ContainerPlan.TERMINAL : 0)
                        | (detached ? ContainerPlan.DETACHED : 0)
                        | (request.openStdin()
                                ? ContainerPlan.OPEN_STDIN | ContainerPlan.STDIN_ONCE
                                : 0);
        return new PlanWriter.Header(
                KIND_EXEC,
                0,
                cgroup,
                flags,
                PlanWriter.NONE,
                0,
                0,
                1,
                PlanWriter.NONE,
                PlanWriter.NONE,
                0,
                0,
                0,
                PlanWriter.NONE,
                process.consoleSize().rows(),
                process.consoleSize().columns(),
                plan.string(""));
    }
}
