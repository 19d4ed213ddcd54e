package dev.corten.runtime;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.cgroup.Cgroup;
import dev.corten.kernel.cgroup.CgroupTree;
import dev.corten.kernel.cgroup.LimitRefused;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.process.Pidfd;
import dev.corten.kernel.seccomp.Abi;
import dev.corten.kernel.seccomp.FilterCompiler;
import dev.corten.kernel.socket.SocketPair;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import dev.corten.model.oci.Linux;
import dev.corten.model.oci.ProcessSpec;
import dev.corten.model.oci.Seccomp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Makes containers, and further processes in them, that no monitor watches: they keep the streams
/// of this process, and are adopted when it ends by whoever adopts its orphans. This is what an
/// OCI runtime does.
///
/// This process must adopt orphans itself (`Orphans`): then it can wait for what it has made.
public final class UnwatchedProcesses {
    private final OneProcess shim;
    private final CgroupTree tree;

    /// @param shim the `corten-shim` binary
    /// @param work a directory for sockets of a moment
    public UnwatchedProcesses(Path shim, Path work, CgroupTree tree) {
        this.shim = new OneProcess(shim, work, ProcessBuilder.Redirect.INHERIT);
        this.tree = tree;
    }

    /// What happens while a process is made.
    public interface Steps {
        /// The namespaces are there, the root is not changed yet.
        void environment(int pid) throws IOException;

        /// The other end of its terminal.
        void terminal(Fd master) throws IOException;
    }

    /// How a process is made, beside its specification.
    ///
    /// @param extra descriptors that the program gets as 3, 4, …
    /// @param keyring whether it gets a session keyring of its own
    public record Manner(List<Fd> extra, boolean keyring) {
        public Manner {
            extra = List.copyOf(extra);
        }
    }

    /// Makes a container that waits at the gate: one byte lets it execute its program.
    ///
    /// @param gate a fifo, open for reading and writing
    public Pidfd create(Launch launch, Fd gate, Manner manner, Steps steps)
            throws IOException, StartFailure {
        Linux linux = launch.spec().linux();
        var unwatched =
                new Unwatched(
                        Optional.of(gate),
                        manner.extra(),
                        manner.keyring(),
                        streamsToGive(launch.spec().process()));
        try (var sources = new BindSources(launch);
                Placement placement = place(linux)) {
            Plan plan =
                    ContainerPlan.compile(
                            sources.complete(),
                            Host.running(),
                            placement,
                            linux.seccomp().map(UnwatchedProcesses::program),
                            unwatched);
            return shim.make(plan, Optional.empty(), steps);
        }
    }

    /// Runs another program in a container; returns when it has been executed.
    public Pidfd exec(Pidfd init, ExecRequest request, Manner manner, Steps steps)
            throws IOException, StartFailure {
        var unwatched =
                new Unwatched(
                        Optional.empty(),
                        manner.extra(),
                        manner.keyring(),
                        streamsToGive(request.process()));
        try (Placement placement = new KernelGroups(tree).of(init.pid())) {
            Plan plan =
                    ExecPlan.compile(
                            request,
                            Host.running(),
                            placement,
                            request.seccomp().map(UnwatchedProcesses::program),
                            Optional.of(unwatched));
            return shim.make(plan, Optional.of(init.fd()), steps);
        }
    }

    /// Runs a program with all rights in the namespaces of a container's process.
    ///
    /// @param input its standard input
    public Pidfd enter(
            Pidfd process, String program, List<String> args, List<String> env, Path input)
            throws IOException, StartFailure {
        Plan plan = EnterPlan.compile(program, args, env);
        Steps steps =
                new Steps() {
                    @Override
                    public void environment(int pid) {
                        // no part of this plan
                    }

                    @Override
                    public void terminal(Fd master) {
                        // no part of this plan
                    }
                };
        return shim.withInput(input).make(plan, Optional.of(process.fd()), steps);
    }

    private static byte[] program(Seccomp seccomp) {
        return FilterCompiler.compile(seccomp, Abi.host());
    }

    private Placement place(Linux linux) throws IOException, StartFailure {
        try {
            return new KernelGroups(tree).createOrTake(linux);
        } catch (LimitRefused refused) {
            removeGroup(linux.cgroupsPath());
            throw new StartFailure(
                    StartFailure.Kind.OTHER,
                    "error setting cgroup config for procHooks process: " + refused.getMessage(),
                    Optional.empty());
        }
    }

    private void removeGroup(String path) throws IOException {
        Cgroup group = tree.open(path);
        group.remove(java.time.Duration.ZERO);
    }

    /// Streams that its user shall be able to open again; never the host's `/dev/null`.
    private static List<Integer> streamsToGive(ProcessSpec process) throws Errno {
        var streams = new ArrayList<Integer>();
        if (process.terminal()) {
            return streams;
        }
        for (int stream = 0; stream <= 2; stream++) {
            Stat stat = FileCalls.stat(Fd.CWD, "/proc/self/fd/" + stream);
            boolean nullDevice =
                    stat.type() == Stat.S_IFCHR && stat.rdevMajor() == 1 && stat.rdevMinor() == 3;
            if (!nullDevice && stat.uid() != process.user().uid()) {
                streams.add(stream);
            }
        }
        return streams;
    }

    /// The shim, started for one plan.
    private record OneProcess(Path shim, Path work, ProcessBuilder.Redirect input) {
        OneProcess withInput(Path file) {
            return new OneProcess(shim, work, ProcessBuilder.Redirect.from(file.toFile()));
        }

        Pidfd make(Plan plan, Optional<Fd> init, Steps steps) throws IOException, StartFailure {
            try (SocketPair status = UnixSockets.pair(Sockets.SOCK_SEQPACKET);
                    Fd memory = FileData.memfd("plan")) {
                FileData.writeFully(memory, plan.bytes());
                var fds = new ArrayList<Fd>();
                fds.add(memory);
                fds.add(init.orElse(memory));
                fds.add(status.second());
                fds.addAll(plan.descriptors());
                Pidfd first = new OneShot(shim, work, input).spawn(plan, fds);
                status.second().close();
                return new StatusChannel(status.first(), plan, steps).follow(first);
            }
        }
    }
}
