package dev.corten.runtime.command;

import dev.corten.kernel.Fd;
import dev.corten.kernel.cgroup.CgroupTree;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.process.Pidfd;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.Capabilities;
import dev.corten.model.oci.Capability;
import dev.corten.model.oci.ProcessSpec;
import dev.corten.model.oci.User;
import dev.corten.runtime.ExecRequest;
import dev.corten.runtime.StartFailure;
import dev.corten.runtime.UnwatchedProcesses;
import dev.corten.runtime.bundle.Bundle;
import dev.corten.runtime.bundle.Document;
import dev.corten.runtime.bundle.ProcessReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `exec`: a further process in a running container.
final class ExecCommand {
    static final Flags.Known FLAGS =
            new Flags.Known(
                    Set.of("tty", "detach", "no-new-privs", "ignore-paused"),
                    Set.of(
                            "console-socket",
                            "pidfd-socket",
                            "cwd",
                            "env",
                            "user",
                            "additional-gids",
                            "process",
                            "pid-file",
                            "process-label",
                            "apparmor",
                            "cap",
                            "preserve-fds",
                            "cgroup"),
                    Map.of(
                            "t",
                            "tty",
                            "d",
                            "detach",
                            "e",
                            "env",
                            "u",
                            "user",
                            "g",
                            "additional-gids",
                            "p",
                            "process",
                            "c",
                            "cap"),
                    true);

    private static final int FAILED = 255;
    private static final int MAX_PROCESS = 8 << 20;

    private final Place place;

    ExecCommand(Place place) {
        this.place = place;
    }

    /// The status to exit with.
    int run(Flags flags) throws IOException, Failure {
        try {
            return exec(flags);
        } catch (StartFailure e) {
            throw new Failure(
                    FAILED, "exec failed: unable to start container process: " + e.message());
        } catch (Failure e) {
            throw new Failure(FAILED, "exec failed: " + e.getMessage());
        }
    }

    private int exec(Flags flags) throws IOException, Failure, StartFailure {
        String id = flags.id("exec");
        for (String unsupported : List.of("process-label", "apparmor", "cgroup", "pidfd-socket")) {
            if (flags.find(unsupported).filter(v -> !v.isEmpty()).isPresent()) {
                throw new Failure("--" + unsupported + " is not supported");
            }
        }
        ContainerRecord container = place.load(id);
        switch (container.status(place)) {
            case STOPPED -> throw new Failure("cannot exec in a stopped container");
            case PAUSED -> {
                if (!flags.has("ignore-paused")) {
                    throw new Failure("cannot exec in a paused container");
                }
            }
            default -> {
                // It runs, or waits for its start.
            }
        }
        Bundle bundle = StoredBundle.of(place, container);
        ProcessSpec process = process(flags, bundle.spec().process());
        Optional<String> console = flags.find("console-socket").filter(path -> !path.isEmpty());
        boolean detach = flags.has("detach");
        if (process.terminal() && console.isEmpty() && detach) {
            throw new Failure(
                    "cannot allocate tty if corten-runtime will detach without setting console"
                            + " socket");
        }
        var terminals = new Terminals(console);
        var manner =
                new UnwatchedProcesses.Manner(
                        PreservedDescriptors.open(flags.number("preserve-fds")), false);
        var request =
                new ExecRequest(process, bundle.spec().linux().seccomp(), true, Optional.empty());
        try (Pidfd init = container.runningProcess()) {
            var processes =
                    new UnwatchedProcesses(place.shim(), place.directory(id), CgroupTree.detect());
            Pidfd made = processes.exec(init, request, manner, new Giving(terminals));
            try (made) {
                Optional<String> pidFile = flags.find("pid-file");
                if (pidFile.isPresent()) {
                    PidFile.write(Path.of(pidFile.get()), made.pid());
                }
                return detach ? 0 : Foreground.await(made, terminals.kept());
            }
        }
    }

    private record Giving(Terminals terminals) implements UnwatchedProcesses.Steps {
        @Override
        public void environment(int pid) {
            // no part of an exec
        }

        @Override
        public void terminal(Fd master) throws IOException {
            terminals.give(master);
        }
    }

    private static ProcessSpec process(Flags flags, ProcessSpec init) throws IOException, Failure {
        Optional<String> file = flags.find("process");
        if (file.isPresent()) {
            byte[] text = FileData.readFile(Fd.CWD, file.get(), MAX_PROCESS);
            ProcessSpec given = ProcessReader.read(Document.parse("process", text));
            return flags.has("tty") ? withTerminal(given) : given;
        }
        List<String> command = flags.arguments().subList(1, flags.arguments().size());
        if (command.isEmpty()) {
            throw new Failure("process args cannot be empty");
        }
        var env = new ArrayList<>(init.env());
        env.addAll(flags.all("env"));
        return new ProcessSpec(
                flags.has("tty"),
                init.consoleSize(),
                user(flags, init.user()),
                command,
                env,
                flags.find("cwd").map(PathBytes::of).orElse(init.cwd()),
                capabilities(flags, init.capabilities()),
                init.rlimits(),
                init.noNewPrivileges() || flags.has("no-new-privs"),
                init.oomScoreAdj(),
                init.apparmorProfile());
    }

    private static ProcessSpec withTerminal(ProcessSpec process) {
        return new ProcessSpec(
                true,
                process.consoleSize(),
                process.user(),
                process.args(),
                process.env(),
                process.cwd(),
                process.capabilities(),
                process.rlimits(),
                process.noNewPrivileges(),
                process.oomScoreAdj(),
                process.apparmorProfile());
    }

    private static User user(Flags flags, User init) throws Failure {
        var groups = new ArrayList<>(init.additionalGids());
        for (String group : flags.all("additional-gids")) {
            groups.add(number(group, "additional-gids"));
        }
        Optional<String> user = flags.find("user");
        if (user.isEmpty()) {
            return new User(init.uid(), init.gid(), groups, init.umask());
        }
        String[] parts = user.get().split(":", 2);
        int gid = parts.length > 1 ? number(parts[1], "user") : init.gid();
        return new User(number(parts[0], "user"), gid, groups, init.umask());
    }

    private static int number(String text, String flag) throws Failure {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new Failure("parsing " + text + " as a number of --" + flag + " failed", e);
        }
    }

    private static Capabilities capabilities(Flags flags, Capabilities init) throws Failure {
        Set<Capability> more = EnumSet.noneOf(Capability.class);
        for (String name : flags.all("cap")) {
            more.add(
                    Capability.find(name)
                            .orElseThrow(() -> new Failure("unknown capability " + name)));
        }
        if (more.isEmpty()) {
            return init;
        }
        return new Capabilities(
                with(init.bounding(), more),
                with(init.effective(), more),
                init.inheritable(),
                with(init.permitted(), more),
                init.ambient());
    }

    private static Set<Capability> with(Set<Capability> some, Set<Capability> more) {
        Set<Capability> all = EnumSet.copyOf(more);
        all.addAll(some);
        return all;
    }
}
