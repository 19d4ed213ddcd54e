package dev.corten.runtime;

import static dev.corten.runtime.PlanWriter.at;
import static dev.corten.runtime.PlanWriter.in;
import static dev.corten.runtime.PlanWriter.number;

import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.oci.Mount;
import dev.corten.model.oci.Namespace;
import dev.corten.model.oci.ProcessSpec;
import dev.corten.runtime.PlanWriter.Operation;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Compiles plans that have another runtime make a container, or a process in one.
///
/// The monitor's child makes nothing itself. In a mount namespace of its own, which ends with it, it
/// puts what came by descriptor where the bundle says, runs the program, and gives the monitor the
/// process that is left behind: its streams are the monitor's, whose child it is.
final class ForeignPlan {
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 0x4;
    private static final int OPEN_TREE_CLONE = 1;
    private static final int MS_REC = 0x4000;
    private static final int MS_SLAVE = 1 << 19;
    private static final int SYNC_START = 1;
    private static final int FD_TERMINAL = 1;
    private static final int KIND_EXEC = 2;
    private static final int OOM_EVENTFD = 1;
    private static final int OOM_MEMORY_EVENTS = 2;

    private final PlanWriter plan = new PlanWriter();

    private ForeignPlan() {}

    /// @param console a listening socket for the container's terminal, and its path
    static Plan container(
            Launch launch, ForeignBundle bundle, Placement placement, Optional<Console> console) {
        return new ForeignPlan().compile(launch, bundle, placement, console);
    }

    /// Where a terminal's other end is sent to.
    record Console(Fd socket, Path path) {}

    static Plan exec(
            ExecRequest request, ForeignBundle bundle, long tag, Optional<Console> console) {
        return new ForeignPlan().compile(request, bundle, tag, console);
    }

    private Plan compile(
            Launch launch, ForeignBundle bundle, Placement placement, Optional<Console> console) {
        int exit = plan.descriptor(launch.exitDirectory());
        int log = optional(launch.log().map(Launch.LogFile::directory));
        int oom = optional(placement.oom());
        int kill = optional(placement.kill());
        int root = plan.descriptor(launch.root());
        Map<Integer, Integer> sources = new HashMap<>();
        List<Mount> mounts = launch.spec().mounts();
        for (int i = 0; i < mounts.size(); i++) {
            Fd source = launch.sources().get(mounts.get(i).destination());
            if (source != null) {
                sources.put(i, plan.descriptor(source));
            }
        }
        Map<Namespace.Type, Integer> namespaces = new HashMap<>();
        launch.namespaces().forEach((type, fd) -> namespaces.put(type, plan.descriptor(fd)));
        int socket = optional(console.map(Console::socket));
        plan.words("prepare arguments and environment");
        int environment = plan.pointers("environment", ForeignBundle.ENVIRONMENT);
        int create = plan.pointers("create", bundle.create(console.map(Console::path)));
        int start = plan.pointers("start", bundle.start());

        plan.inside();
        plan.words("mount what the bundle names");
        plan.call(
                Syscall.MOUNT,
                number(0),
                at(plan.string("/")),
                number(0),
                number(MS_REC | MS_SLAVE),
                number(0));
        move(root, bundle.root());
        sources.forEach((mount, register) -> move(register, bundle.source(mount)));
        namespaces.forEach((type, register) -> namespace(register, bundle.namespace(type)));
        made(bundle, launch.spec().process(), create, environment, socket, bundle.pidFile());
        plan.words("wait for the start");
        plan.operation(Operation.SYNC, number(SYNC_START));
        plan.words(bundle.executable(), Plan.Meaning.RUNTIME);
        plan.operation(Operation.RUN, at(start), at(environment));
        plan.operation(Operation.LEAVE);
        return plan.finish(header(launch, placement, exit, log, oom, kill));
    }

    private int optional(Optional<Fd> fd) {
        return fd.map(plan::descriptor).orElse(PlanWriter.NONE);
    }

    private void move(int from, Path to) {
        plan.call(
                Syscall.MOVE_MOUNT,
                in(from),
                at(plan.string("")),
                number(Fd.CWD.number()),
                at(plan.string(to.toString())),
                number(MOVE_MOUNT_F_EMPTY_PATH));
    }

    /// A namespace has a file that can be mounted.
    private void namespace(int from, Path to) {
        int clone = plan.register();
        plan.callInto(
                clone,
                0,
                Syscall.OPEN_TREE,
                in(from),
                at(plan.string("")),
                number(OPEN_TREE_CLONE | FileCalls.O_CLOEXEC | FileCalls.AT_EMPTY_PATH));
        move(clone, to);
    }

    /// Has the program make the process, and the monitor adopt it.
    private void made(
            ForeignBundle bundle,
            ProcessSpec process,
            int command,
            int environment,
            int socket,
            Path pid) {
        if (!process.terminal()) {
            plan.words("take standard input and output");
            plan.operation(Operation.STDIO);
        }
        plan.words(bundle.executable(), Plan.Meaning.RUNTIME);
        plan.operation(Operation.RUN, at(command), at(environment));
        if (socket != PlanWriter.NONE) {
            plan.words("receive the terminal");
            int master = plan.register();
            plan.operationInto(master, 0, Operation.RECEIVE, in(socket));
            plan.operation(Operation.SENDFD, in(master), number(FD_TERMINAL));
        }
        plan.words("find the process that the runtime has made");
        plan.operation(Operation.ADOPT, at(plan.string(pid.toString())));
    }

    private PlanWriter.Header header(
            Launch launch, Placement placement, int exit, int log, int oom, int kill) {
        int flags =
                ContainerPlan.FOREIGN
                        | (launch.spec().process().terminal() ? ContainerPlan.TERMINAL : 0)
                        | switch (launch.stdin()) {
                            case NONE -> 0;
                            case OPEN -> ContainerPlan.OPEN_STDIN;
                            case ONCE -> ContainerPlan.OPEN_STDIN | ContainerPlan.STDIN_ONCE;
                        };
        var logFile = launch.log();
        return new PlanWriter.Header(
                ContainerPlan.KIND_CONTAINER,
                Namespace.Type.MOUNT.flag(),
                PlanWriter.NONE,
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
                launch.spec().process().consoleSize().rows(),
                launch.spec().process().consoleSize().columns(),
                plan.string(launch.id().hex()));
    }

    private Plan compile(
            ExecRequest request, ForeignBundle bundle, long tag, Optional<Console> console) {
        int socket = optional(console.map(Console::socket));
        plan.words("prepare arguments and environment");
        int environment = plan.pointers("environment", ForeignBundle.ENVIRONMENT);
        int exec = plan.pointers("exec", bundle.exec(tag, console.map(Console::path)));
        plan.inside();
        made(bundle, request.process(), exec, environment, socket, bundle.pidFile(tag));
        plan.operation(Operation.LEAVE);
        ProcessSpec process = request.process();
        int flags =
                ContainerPlan.FOREIGN
                        | (process.terminal() ? ContainerPlan.TERMINAL : 0)
                        | (request.openStdin()
                                ? ContainerPlan.OPEN_STDIN | ContainerPlan.STDIN_ONCE
                                : 0);
        return plan.finish(
                new PlanWriter.Header(
                        KIND_EXEC,
                        0,
                        PlanWriter.NONE,
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
                        plan.string("")));
    }
}
