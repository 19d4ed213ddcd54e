package dev.corten.engine.container;

import dev.corten.engine.container.rules.ImageDefaults;
import dev.corten.engine.event.Events;
import dev.corten.model.Conflict;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Reference;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import dev.corten.store.image.ConfigChange;
import dev.corten.store.image.Images;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Makes images of containers: `docker commit`.
public final class Committing {
    private final Containers containers;
    private final Images images;
    private final Snapshots snapshots;
    private final Events events;

    public Committing(Containers containers, Images images, Snapshots snapshots, Events events) {
        this.containers = containers;
        this.images = images;
        this.snapshots = snapshots;
        this.events = events;
    }

    /// What a client asks for.
    ///
    /// @param config instead of the container's; what it leaves open is the container's
    /// @param changes Dockerfile instructions
    /// @param pause whether the container's processes rest meanwhile
    public record Request(
            Optional<ContainerConfig> config,
            List<String> changes,
            Optional<Reference> name,
            String author,
            String comment,
            boolean pause) {
        public Request {
            changes = List.copyOf(changes);
        }
    }

    /// @return the new image's ID
    public Digest commit(String reference, Request request)
            throws IOException, InterruptedException {
        if (reference.isEmpty()) {
            throw new InvalidParameter("invalid name or ID supplied: \"\"");
        }
        Container container = containers.get(reference);
        if (request.name().flatMap(Reference::digest).isPresent()) {
            throw new InvalidParameter("cannot import digest reference");
        }
        ImageConfig own = imageConfig(container.config);
        ImageConfig config =
                ConfigChange.apply(
                        request.config().map(Committing::imageConfig).orElse(own),
                        request.changes());
        ImageConfig merged = imageConfig(ImageDefaults.merge(containerConfig(config), own));
        Image base =
                images.find(container.image)
                        .orElseThrow(() -> new NotFound("No such image: " + container.image));
        boolean pauses =
                request.pause()
                        && container.status() instanceof ContainerStatus.Running running
                        && !running.paused();
        if (pauses) {
            containers.pause(container.id.hex());
        }
        Image image;
        try (InputStream changes = snapshots.changesTar(container.id, Differences.MADE)) {
            image =
                    images.commit(
                            changes,
                            new Images.CommitRequest(
                                    base,
                                    merged,
                                    command(container),
                                    request.author(),
                                    request.comment(),
                                    request.name().map(Reference::orLatest)));
        } catch (NotFound e) {
            throw new Conflict("container " + container.id + " is being removed", e);
        } finally {
            if (pauses) {
                goOn(container);
            }
        }
        tell(container, image, request);
        return image.id();
    }

    /// Unless somebody else was faster, or the container is gone.
    private void goOn(Container container) throws IOException, InterruptedException {
        if (container.status() instanceof ContainerStatus.Running running && running.paused()) {
            containers.unpause(container.id.hex());
        }
    }

    /// Without the entry point, as in Docker.
    private static String command(Container container) {
        List<String> command = container.config.cmd();
        return command == null ? "" : String.join(" ", command);
    }

    private void tell(Container container, Image image, Request request) {
        String id = image.id().toString();
        var labels = new TreeMap<String, String>();
        if (image.config().labels() != null) {
            labels.putAll(image.config().labels());
        }
        publish(id, "create", id, labels);
        String name = request.name().map(n -> n.orLatest().familiar()).orElse("");
        if (!name.isEmpty()) {
            publish(id, "tag", name, labels);
        }
        containers.tell(
                container,
                "commit",
                Map.of("comment", request.comment(), "imageID", id, "imageRef", name));
    }

    private void publish(String id, String action, String name, Map<String, String> labels) {
        var attributes = new TreeMap<>(labels);
        attributes.put("name", name);
        events.publish("image", action, id, attributes);
    }

    private static ImageConfig imageConfig(ContainerConfig config) {
        var image = new ImageConfig.Editor();
        image.user = config.user();
        image.exposedPorts = config.exposedPorts();
        image.env = config.env();
        image.cmd = config.cmd();
        image.healthcheck = config.healthcheck();
        image.argsEscaped = config.argsEscaped();
        image.volumes = config.volumes();
        image.workingDir = config.workingDir();
        image.entrypoint = config.entrypoint();
        image.onBuild = config.onBuild();
        image.labels = config.labels();
        image.stopSignal = config.stopSignal();
        image.shell = config.shell();
        return image.done();
    }

    private static ContainerConfig containerConfig(ImageConfig config) {
        var container = ContainerConfig.DEFAULT.edit();
        container.user = config.user();
        container.exposedPorts = config.exposedPorts();
        container.env = config.env();
        container.cmd = config.cmd();
        container.healthcheck = config.healthcheck();
        container.argsEscaped = config.argsEscaped();
        container.volumes = config.volumes();
        container.workingDir = config.workingDir();
        container.entrypoint = config.entrypoint();
        container.onBuild = config.onBuild();
        container.labels = config.labels();
        container.stopSignal = config.stopSignal();
        container.shell = config.shell();
        return container.done();
    }
}
