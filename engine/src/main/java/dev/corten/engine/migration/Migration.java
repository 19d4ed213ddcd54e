package dev.corten.engine.migration;

import dev.corten.engine.container.Adoption;
import dev.corten.engine.container.Containers;
import dev.corten.engine.container.rules.CreateRequest;
import dev.corten.engine.image.Images;
import dev.corten.engine.volume.VolumeRequest;
import dev.corten.engine.volume.Volumes;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.ContainerId;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.NotFound;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import dev.corten.store.Durable;
import dev.corten.store.migration.DockerRoot;
import dev.corten.store.migration.ForeignContainer;
import dev.corten.store.migration.ForeignVolume;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Copies images, volumes and stopped containers out of a Docker Engine's data root, which stays as it
/// is. What is here already is left alone, so that it can be done again after it was cut short.
public final class Migration {
    private final Images images;
    private final Volumes volumes;
    private final Containers containers;

    public Migration(Images images, Volumes volumes, Containers containers) {
        this.images = images;
        this.volumes = volumes;
        this.containers = containers;
    }

    public enum Kind {
        IMAGE,
        VOLUME,
        CONTAINER
    }

    public enum Outcome {
        /// It would be taken over.
        FOUND,
        TAKEN,
        /// It was here before.
        PRESENT,
        FAILED
    }

    /// What happened to one thing.
    ///
    /// @param error `""` unless it failed
    public record Step(Kind kind, String name, Outcome outcome, String error) {}

    /// Reads the settings of a container from their JSON: that is the API's business.
    @FunctionalInterface
    public interface Settings {
        CreateRequest read(String name, byte[] config, byte[] hostConfig);
    }

    public enum Mode {
        LOOK,
        TAKE
    }

    private interface Work {
        Outcome run() throws IOException, InterruptedException;
    }

    /// @throws dev.corten.model.InvalidParameter if there is no such data root
    public void check(Path root) {
        DockerRoot.open(root);
    }

    /// @param root on the daemon's host
    /// @param steps hears of each thing, when it is done
    /// @throws dev.corten.model.InvalidParameter if there is no such data root
    public void run(Path root, Mode mode, Settings settings, Consumer<Step> steps)
            throws IOException, InterruptedException {
        DockerRoot docker = DockerRoot.open(root);
        for (var each : docker.images().entrySet()) {
            Digest id = each.getKey();
            List<String> names = each.getValue();
            String name = names.isEmpty() ? id.toString() : names.getFirst();
            step(Kind.IMAGE, name, steps, () -> image(docker, docker.image(id, names), mode));
        }
        for (String name : docker.volumes()) {
            step(Kind.VOLUME, name, steps, () -> volume(docker.volume(name), mode));
        }
        for (ContainerId id : docker.containers()) {
            container(docker, id, mode, settings, steps);
        }
    }

    /// One thing that cannot be taken keeps nobody from taking the others.
    private static void step(Kind kind, String name, Consumer<Step> steps, Work work)
            throws InterruptedException {
        Step step;
        try {
            step = new Step(kind, name, work.run(), "");
        } catch (CortenException | IOException | UncheckedIOException e) {
            step = new Step(kind, name, Outcome.FAILED, String.valueOf(e.getMessage()));
        }
        steps.accept(step);
    }

    private Outcome image(DockerRoot docker, DockerRoot.ForeignImage image, Mode mode)
            throws IOException, InterruptedException {
        boolean here = images.find(image.id()).isPresent();
        boolean complete =
                here && image.names().stream().allMatch(name -> images.find(name).isPresent());
        if (complete || mode == Mode.LOOK) {
            return complete ? Outcome.PRESENT : Outcome.FOUND;
        }
        if (here) {
            for (String name : image.names()) {
                if (images.find(name).isEmpty()) {
                    images.tag(image.id().toString(), Reference.parse(name));
                }
            }
        } else {
            try (InputStream archive = docker.archive(image)) {
                images.load(archive, _ -> {});
            }
        }
        return Outcome.TAKEN;
    }

    private Outcome volume(ForeignVolume volume, Mode mode) throws IOException {
        boolean here = isHere(volume.name());
        if (mode == Mode.LOOK) {
            return here ? Outcome.PRESENT : Outcome.FOUND;
        }
        // Somebody has to have it, or it could be removed meanwhile.
        ContainerId holder = ContainerId.random();
        volumes.take(
                new VolumeRequest(
                        volume.name(),
                        "",
                        volume.labels().isEmpty() ? null : volume.labels(),
                        volume.options().isEmpty() ? null : volume.options()),
                holder,
                Durable.Sync.NOW);
        try {
            // One with options lies elsewhere, and its files do so too. One that is here already is
            // only filled if it is empty, as after an attempt that was cut short.
            if (volume.options().isEmpty()) {
                try (Fd data = FileCalls.openDirectory(volume.data().toString())) {
                    volumes.fill(volume.name(), data, holder, Durable.Sync.NOW);
                }
            }
        } finally {
            volumes.release(volume.name(), holder);
        }
        return here ? Outcome.PRESENT : Outcome.TAKEN;
    }

    private boolean isHere(String volume) {
        try {
            volumes.inspect(volume);
            return true;
        } catch (NotFound e) {
            return false;
        }
    }

    private void container(
            DockerRoot docker, ContainerId id, Mode mode, Settings settings, Consumer<Step> steps)
            throws InterruptedException {
        ForeignContainer container;
        try {
            container = docker.container(id);
        } catch (CortenException | IOException e) {
            steps.accept(
                    new Step(
                            Kind.CONTAINER,
                            id.shortHex(),
                            Outcome.FAILED,
                            String.valueOf(e.getMessage())));
            return;
        }
        step(
                Kind.CONTAINER,
                container.name(),
                steps,
                () -> {
                    if (containers.exists(id)) {
                        return Outcome.PRESENT;
                    }
                    if (mode == Mode.TAKE) {
                        adopt(
                                container,
                                settings.read(
                                        container.name(),
                                        container.config(),
                                        container.hostConfig()));
                    }
                    return mode == Mode.TAKE ? Outcome.TAKEN : Outcome.FOUND;
                });
    }

    private void adopt(ForeignContainer container, CreateRequest read)
            throws IOException, InterruptedException {
        var config = read.config().edit();
        Optional<Image> named = images.find(config.image);
        if (named.isEmpty() || !named.get().id().equals(container.image())) {
            // The name means something else by now.
            config.image = container.image().toString();
        }
        if (config.hostname.equals(container.id().shortHex())) {
            config.hostname = "";
        }
        var host = read.host().edit();
        var binds = new ArrayList<String>(host.binds == null ? List.of() : host.binds);
        for (ForeignContainer.Mount mount : container.volumes()) {
            boolean known =
                    binds.stream().anyMatch(b -> b.startsWith(mount.volume() + ":"))
                            || read.host().mounts() != null
                                    && read.host().mounts().stream()
                                            .anyMatch(m -> m.target().equals(mount.destination()));
            if (!known) {
                binds.add(
                        mount.volume()
                                + ":"
                                + mount.destination()
                                + (mount.writable() ? "" : ":ro"));
            }
        }
        host.binds = binds;
        containers.adopt(
                new CreateRequest(
                        Optional.of(container.name()),
                        Optional.empty(),
                        config.done(),
                        host.done(),
                        read.endpoints(),
                        read.readOnlyDepth()),
                new Adoption(
                        container.id(),
                        container.created(),
                        container.status(),
                        Optional.of(container.upper()),
                        Optional.of(container.log()),
                        false));
    }
}
