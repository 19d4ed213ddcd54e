package dev.corten.runtime.command;

import dev.corten.kernel.process.Pidfd;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/// `run`: creates and starts a container, and stays with it unless it is detached.
final class RunCommand {
    static final Flags.Known FLAGS = flags();

    private final Place place;

    RunCommand(Place place) {
        this.place = place;
    }

    private static Flags.Known flags() {
        Set<String> switches = new HashSet<>(CreateCommand.FLAGS.switches());
        switches.addAll(Set.of("detach", "keep", "no-subreaper"));
        var shorts = new java.util.HashMap<>(CreateCommand.FLAGS.shorts());
        shorts.put("d", "detach");
        return new Flags.Known(switches, CreateCommand.FLAGS.valued(), shorts, false);
    }

    /// The status to exit with.
    int run(Flags flags) throws IOException, Failure {
        boolean detach = flags.has("detach");
        CreateCommand.Created created = new CreateCommand(place).create(flags, !detach);
        ContainerRecord container = created.container();
        try (Pidfd init = created.init()) {
            boolean started = false;
            try {
                new StartCommand(place).start(container);
                started = true;
            } finally {
                if (!started) {
                    new DeleteCommand(place).delete(container);
                }
            }
            if (detach) {
                return 0;
            }
            int status = Foreground.await(init, created.terminal());
            if (!flags.has("keep")) {
                new DeleteCommand(place).delete(container);
            }
            return status;
        }
    }
}
