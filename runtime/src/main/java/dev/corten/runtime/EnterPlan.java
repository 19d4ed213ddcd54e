package dev.corten.runtime;

import static dev.corten.runtime.PlanWriter.at;
import static dev.corten.runtime.PlanWriter.in;
import static dev.corten.runtime.PlanWriter.number;

import dev.corten.kernel.Syscall;
import dev.corten.model.oci.Namespace;
import dev.corten.runtime.PlanWriter.Operation;
import java.util.List;

/// Compiles the plan of a program that is run in the namespaces of another process: a hook.
final class EnterPlan {
    private static final int KIND_EXEC = 2;
    private static final int PIDFD = 1;

    private EnterPlan() {}

    static Plan compile(String program, List<String> args, List<String> env) {
        var plan = new PlanWriter();
        plan.words("prepare arguments and environment");
        int argv = plan.pointers("argv", args);
        int envp = plan.pointers("envp", env);
        plan.inside();
        plan.words("join the container's namespaces");
        // All at once: nobody there sees it with the host's root (CVE-2016-9962).
        plan.call(
                Syscall.SETNS,
                in(PIDFD),
                number(
                        Namespace.Type.PID.flag()
                                | Namespace.Type.MOUNT.flag()
                                | Namespace.Type.IPC.flag()
                                | Namespace.Type.UTS.flag()
                                | Namespace.Type.NETWORK.flag()
                                | Namespace.Type.CGROUP.flag()));
        plan.call(Syscall.CLOSE, in(PIDFD));
        plan.operation(Operation.FORK, number(0));
        plan.words(program, Plan.Meaning.EXECUTE);
        plan.call(Syscall.EXECVE, at(plan.string(program)), at(argv), at(envp));
        return plan.finish(
                new PlanWriter.Header(
                        KIND_EXEC,
                        0,
                        PlanWriter.NONE,
                        ContainerPlan.DETACHED,
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
                        0,
                        0,
                        plan.string("")));
    }
}
