package dev.corten.runtime.command;

import dev.corten.kernel.cgroup.Cgroup;
import dev.corten.kernel.process.Pidfd;
import dev.corten.kernel.process.Signals;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// `kill`: a signal for the first process, or for all.
final class KillCommand {
    private final Place place;

    KillCommand(Place place) {
        this.place = place;
    }

    void run(Flags flags) throws IOException, Failure {
        ContainerRecord container = place.load(flags.id("kill"));
        List<String> arguments = flags.arguments();
        String text = arguments.size() > 1 ? arguments.get(1) : "SIGTERM";
        int signal =
                Signals.parse(text)
                        .orElseThrow(() -> new Failure("unknown signal \"" + text + "\""));
        Cgroup group = container.group();
        Optional<Pidfd> process = container.process();
        if (process.isEmpty()) {
            // Others may be left if it had no PID namespace of its own.
            if (flags.has("all")) {
                if (group.exists()) {
                    group.signalAll(signal);
                }
                return;
            }
            throw new Failure("container not running");
        }
        try (Pidfd init = process.get()) {
            if (flags.has("all") && group.exists()) {
                group.signalAll(signal);
            } else if (!init.signal(signal)) {
                throw new Failure("container not running");
            }
        }
        boolean frozen = group.exists() && group.isFrozen();
        if (signal == Signals.SIGKILL && frozen) {
            // Version 1's freezer holds the dying too.
            group.thaw();
        }
    }
}
