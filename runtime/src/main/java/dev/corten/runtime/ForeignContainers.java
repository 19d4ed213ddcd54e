package dev.corten.runtime;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import dev.corten.model.ContainerId;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/// Containers that another runtime makes, under monitors of ours.
///
/// Files: `<exec-root>/bundles/<ID>` ([ForeignBundle]), beside them `state`, the `--root` of all
/// runtimes, and for a moment sockets on which terminals are received.
final class ForeignContainers {
    private static final System.Logger LOG = System.getLogger(ForeignContainers.class.getName());
    private static final String STATE = "state";

    private final ShimMonitors monitors;
    private final Path bundles;

    ForeignContainers(ShimMonitors monitors, Path bundles) {
        this.monitors = monitors;
        this.bundles = bundles;
    }

    Monitor launch(Launch launch, RuntimeProgram program) throws IOException, StartFailure {
        // What an earlier run may have left, should its end not have been seen.
        forget(launch.id());
        boolean launched = false;
        Optional<ForeignBundle> bundle = Optional.empty();
        try (var sources = new BindSources(launch);
                Placement placement = monitors.place(launch)) {
            Files.createDirectories(bundles.resolve(STATE));
            Launch complete = sources.complete();
            bundle = Optional.of(ForeignBundle.write(bundles, complete, program));
            ForeignBundle files = bundle.get();
            long tag = monitors.firstTag();
            try (ConsoleSocket console =
                    ConsoleSocket.open(files, tag, launch.spec().process().terminal())) {
                Plan plan = ForeignPlan.container(complete, files, placement, console.asArgument());
                ShimMonitor monitor = monitors.spawn(launch.id(), plan);
                launched = true;
                return new ForeignMonitor(monitor, files, monitors, tag);
            }
        } finally {
            if (!launched && bundle.isPresent()) {
                bundle.get().delete();
            }
        }
    }

    /// The monitor of a container that an earlier daemon launched, with its runtime if it has one.
    Monitor watched(ShimMonitor monitor) throws IOException {
        Optional<ForeignBundle> bundle = ForeignBundle.find(bundles, monitor.id());
        return bundle.<Monitor>map(
                        files -> new ForeignMonitor(monitor, files, monitors, monitors.firstTag()))
                .orElse(monitor);
    }

    /// Removes what is left of a container that has ended.
    void forget(ContainerId id) throws IOException {
        Optional<ForeignBundle> bundle = ForeignBundle.find(bundles, id);
        if (bundle.isPresent()) {
            bundle.get().delete();
        }
    }

    void forgetOthers(Set<ContainerId> running) throws IOException {
        if (!Files.isDirectory(bundles)) {
            return;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(bundles, "[0-9a-f]*")) {
            for (Path directory : found) {
                String name = directory.getFileName().toString();
                if (name.length() != 64 || running.contains(new ContainerId(name))) {
                    continue;
                }
                try {
                    forget(new ContainerId(name));
                } catch (IOException e) {
                    LOG.log(Level.WARNING, () -> "bundle " + name + " stays", e);
                }
            }
        }
    }

    /// A socket on which a runtime delivers a terminal; none without a terminal. Its name is the
    /// caller's to remove.
    record ConsoleSocket(Optional<ForeignPlan.Console> console) implements AutoCloseable {
        static ConsoleSocket open(ForeignBundle bundle, long tag, boolean terminal) throws Errno {
            if (!terminal) {
                return new ConsoleSocket(Optional.empty());
            }
            Path path = bundle.console(tag);
            Fd socket = UnixSockets.listen(path.toString(), Sockets.SOCK_STREAM, 0600, 1);
            return new ConsoleSocket(Optional.of(new ForeignPlan.Console(socket, path)));
        }

        Optional<ForeignPlan.Console> asArgument() {
            return console;
        }

        @Override
        public void close() {
            console.ifPresent(open -> open.socket().close());
        }
    }
}
