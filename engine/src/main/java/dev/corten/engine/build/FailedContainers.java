package dev.corten.engine.build;

import dev.corten.build.step.CommandFailure;
import dev.corten.build.step.FailedSteps;
import dev.corten.build.step.RunOperation;
import dev.corten.build.work.Tree;
import dev.corten.engine.container.Adoption;
import dev.corten.engine.container.Containers;
import dev.corten.engine.container.RemoveOptions;
import dev.corten.engine.container.rules.CreateRequest;
import dev.corten.engine.container.view.Created;
import dev.corten.engine.image.Images;
import dev.corten.model.ContainerId;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.MountPoint;
import dev.corten.model.image.ImageConfig;
import dev.corten.store.Store;
import dev.corten.store.image.BuiltImage;
import dev.corten.store.snapshot.Layer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Makes containers of commands that failed, so that people can look at what they left, or at what
/// they met.
public final class FailedContainers {
    private static final System.Logger LOG = System.getLogger(FailedContainers.class.getName());

    /// The images of containers that somebody looks into.
    private final ConcurrentHashMap<ContainerId, Digest> shells = new ConcurrentHashMap<>();

    private final FailedSteps failed;
    private final Containers containers;
    private final Images images;
    private final Store store;
    private final Clock clock;

    public FailedContainers(
            FailedSteps failed, Containers containers, Images images, Store store, Clock clock) {
        this.failed = failed;
        this.containers = containers;
        this.images = images;
        this.store = store;
        this.clock = clock;
    }

    /// Keeps what a command has left as an exited container of the sandbox's ID.
    ///
    /// @param image that the command was to change
    /// @param name of the container
    public void keep(Digest image, String name, BuildFailure failure)
            throws IOException, InterruptedException {
        Optional<FailedSteps.Failed> left = command(failure).flatMap(c -> failed.take(c.sandbox()));
        if (left.isEmpty()) {
            return;
        }
        try (FailedSteps.Failed step = left.get()) {
            Path changes = store.snapshots().paths(step.after().chainId().orElseThrow()).upper();
            Instant now = clock.instant();
            var status =
                    new ContainerStatus.Exited(failure.where().exitCode(), false, now, now, "");
            containers.adopt(
                    request(
                            image,
                            Optional.of(name),
                            step.operation(),
                            step.operation().arguments(),
                            false),
                    new Adoption(
                            step.sandbox(),
                            now,
                            status,
                            Optional.of(changes),
                            Optional.empty(),
                            true));
        }
    }

    /// The same failure with a container in it that has a shell in the state before the command.
    BuildFailure opened(BuildFailure failure) throws IOException, InterruptedException {
        Optional<FailedSteps.Failed> left = command(failure).flatMap(c -> failed.find(c.sandbox()));
        if (left.isEmpty()) {
            return failure;
        }
        try (FailedSteps.Failed step = left.get()) {
            RunOperation operation = step.operation();
            Digest image = image(step.before());
            Created created =
                    containers.create(
                            request(image, Optional.empty(), operation, List.of("/bin/sh"), true));
            shells.put(created.id(), image);
            var where = failure.where();
            return new BuildFailure(
                    failure.message(),
                    new BuildFailure.Where(
                            where.step(),
                            where.firstLine(),
                            where.lastLine(),
                            where.exitCode(),
                            Optional.of(created.id())),
                    failure.getCause());
        }
    }

    /// Forgets what the commands of a build have left that nobody has asked for.
    ///
    /// @param sandboxes in which they ran
    void drop(Set<String> sandboxes) {
        for (String sandbox : sandboxes) {
            failed.take(new ContainerId(sandbox)).ifPresent(FailedSteps.Failed::close);
        }
    }

    /// Removes what [#opened] has made, whatever runs in it.
    void close(ContainerId shell) throws InterruptedException {
        Digest image = shells.remove(shell);
        try {
            containers.remove(shell.hex(), new RemoveOptions(true, true));
        } catch (NotFound e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "the shell has ended by itself: " + shell, e);
        } catch (IOException | CortenException e) {
            LOG.log(System.Logger.Level.WARNING, () -> "cannot remove the shell " + shell, e);
        }
        try {
            if (image != null) {
                images.remove(image.toString(), false, true);
            }
        } catch (IOException | CortenException e) {
            LOG.log(System.Logger.Level.WARNING, () -> "cannot remove the image " + image, e);
        }
    }

    private static HostConfig opened(HostConfig host) {
        // Also when another daemon than this one sees its end.
        var config = host.edit();
        config.autoRemove = true;
        return config.done();
    }

    private static Optional<CommandFailure> command(BuildFailure failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CommandFailure command) {
                return Optional.of(command);
            }
        }
        return Optional.empty();
    }

    /// An image without a name.
    private Digest image(Optional<Tree> tree) throws IOException {
        List<Layer> layers =
                tree.flatMap(Tree::chainId)
                        .map(chain -> store.layers().chain(chain))
                        .orElse(List.of())
                        .reversed();
        store.stepLayers().settle();
        var image =
                new BuiltImage(
                        Platform.host(),
                        "",
                        ImageConfig.EMPTY,
                        layers.stream().map(Layer::diffId).toList(),
                        List.of(),
                        Optional.of(clock.instant()),
                        "",
                        Optional.empty(),
                        List.of(),
                        Optional.empty());
        store.images().addBuilt(List.of(image));
        return image.id();
    }

    private static CreateRequest request(
            Digest image,
            Optional<String> name,
            RunOperation operation,
            List<String> command,
            boolean interactive) {
        var config = ContainerConfig.DEFAULT.edit();
        config.image = image.toString();
        config.cmd = command;
        config.env = operation.environment();
        config.user = operation.user();
        config.workingDir = operation.directory();
        config.entrypoint = List.of();
        config.tty = interactive;
        config.openStdin = interactive;
        config.stdinOnce = interactive;
        config.attachStdin = interactive;
        config.attachStdout = interactive;
        config.attachStderr = interactive;
        return new CreateRequest(
                name,
                Optional.empty(),
                config.done(),
                interactive ? opened(operation.host()) : HostConfig.DEFAULT,
                Map.of(),
                MountPoint.ReadOnly.ALL);
    }
}
