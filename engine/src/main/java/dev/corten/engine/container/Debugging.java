package dev.corten.engine.container;

import dev.corten.engine.container.rules.CreateRequest;
import dev.corten.engine.exec.ExecConfig;
import dev.corten.engine.exec.Execs;
import dev.corten.engine.exec.Toolboxes;
import dev.corten.model.ContainerId;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.MountPoint;
import dev.corten.model.container.MountRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Debug shells with tools: in a container that runs, or in one of its own that shows the files of
/// one that does not. Such a container has no network, and goes with its end; what is written in it
/// goes too.
public final class Debugging {
    private static final String TOOLBOX = "/.corten";
    private static final String PATH = "PATH=";
    private static final String USUAL_PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Containers containers;
    private final Execs execs;
    private final Toolboxes toolboxes;

    public Debugging(Containers containers, Execs execs, Toolboxes toolboxes) {
        this.containers = containers;
        this.execs = execs;
        this.toolboxes = toolboxes;
    }

    /// What the client has to start.
    public sealed interface Shell {
        /// An exec in the container.
        record Inside(String exec) implements Shell {}

        /// A container that shows its files.
        record Beside(ContainerId container) implements Shell {}
    }

    /// Prepares a shell.
    ///
    /// @param config with a toolbox
    public Shell create(String reference, ExecConfig config)
            throws IOException, InterruptedException {
        Container container = containers.get(reference);
        ContainerStatus status = container.status();
        if (status instanceof ContainerStatus.Created || status instanceof ContainerStatus.Exited) {
            return new Shell.Beside(beside(container, config));
        }
        return new Shell.Inside(execs.create(reference, config));
    }

    private ContainerId beside(Container container, ExecConfig config)
            throws IOException, InterruptedException {
        String image = config.toolbox().orElse("");
        toolboxes.check(image);
        var shell = ContainerConfig.DEFAULT.edit();
        shell.image = container.image.toString();
        shell.hostname = container.config.hostname();
        shell.user = config.user();
        shell.workingDir = container.config.workingDir();
        shell.env = environment(container.config.env());
        shell.entrypoint = config.cmd().subList(0, 1);
        shell.cmd = config.cmd().subList(1, config.cmd().size());
        shell.tty = config.tty();
        shell.openStdin = config.attachStdin();
        shell.stdinOnce = config.attachStdin();
        shell.attachStdin = config.attachStdin();
        shell.attachStdout = config.attachStdout();
        shell.attachStderr = config.attachStderr();
        var host = HostConfig.DEFAULT.edit();
        host.autoRemove = true;
        host.networkMode = "none";
        host.mounts = List.of(tools(image));
        var request =
                new CreateRequest(
                        Optional.empty(),
                        Optional.empty(),
                        shell.done(),
                        host.done(),
                        Map.of(),
                        MountPoint.ReadOnly.ALL);
        return containers.createOver(container.id, request).id();
    }

    private MountRequest tools(String image) throws IOException, InterruptedException {
        boolean own = image.isEmpty();
        return new MountRequest(
                own ? "bind" : "image",
                own ? toolboxes.ofHost().toString() : image,
                TOOLBOX,
                true,
                "",
                null,
                null,
                null,
                null);
    }

    private static List<String> environment(@Nullable List<String> given) {
        String path = USUAL_PATH;
        var variables = new ArrayList<String>();
        for (String variable : given == null ? List.<String>of() : given) {
            if (variable.startsWith(PATH)) {
                path = variable.substring(PATH.length());
            } else {
                variables.add(variable);
            }
        }
        variables.add(
                PATH + "%1$s/bin:%1$s/usr/bin:%1$s/sbin:%1$s/usr/sbin:".formatted(TOOLBOX) + path);
        return variables;
    }
}
