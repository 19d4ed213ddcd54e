package dev.corten.engine.build.classic;

import dev.corten.engine.event.Events;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.image.ImageConfig;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The containers of the steps of one build: what people read of them, what clients hear of them,
/// and those that stay. For one thread.
final class StepContainers {
    private final Narrator narrator;
    private final boolean remove;
    private final ClassicBuilds.Keeper keeper;
    private final Events events;
    private final Clock clock;
    private final List<KeptStep> kept = new ArrayList<>();

    /// @param remove whether containers of steps that succeed are removed
    StepContainers(
            Narrator narrator,
            boolean remove,
            ClassicBuilds.Keeper keeper,
            Events events,
            Clock clock) {
        this.narrator = narrator;
        this.remove = remove;
        this.keeper = keeper;
        this.events = events;
        this.clock = clock;
    }

    /// One of them.
    final class One {
        final ContainerId id;
        final String name = keeper.name();
        private final Optional<Digest> image;
        private final ImageConfig config;
        private final boolean runs;
        private final Instant begun = clock.instant();

        private One(ContainerId id, Optional<Digest> image, ImageConfig config, boolean runs) {
            this.id = id;
            this.image = image;
            this.config = config;
            this.runs = runs;
        }

        private void publish(String action, Map<String, String> extra) {
            var attributes = new TreeMap<String, String>(extra);
            Map<String, String> labels = config.labels();
            if (labels != null) {
                attributes.putAll(labels);
            }
            attributes.put("image", image.map(Digest::toString).orElse(""));
            attributes.put("name", name);
            events.publish("container", action, id.hex(), attributes);
        }

        private Instant died(int code) {
            Instant end = clock.instant();
            if (runs) {
                long seconds = Math.max(0, Duration.between(begun, end).toSeconds());
                publish(
                        "die",
                        Map.of(
                                "exitCode",
                                Integer.toString(code),
                                "execDuration",
                                Long.toString(seconds)));
            }
            return end;
        }

        private void remove() {
            publish("destroy", Map.of());
        }

        /// The step has come to something.
        ///
        /// @param command that it ran, or that stands for what it did
        /// @param changes the top layer, if it has one of its own
        void done(List<String> command, ImageConfig environment, Optional<Digest> changes) {
            Instant end = died(0);
            if (remove) {
                narrator.text(" ---> Removed intermediate container " + id.shortHex() + "\n");
                remove();
            } else if (image.isPresent()) {
                ContainerStatus status =
                        runs
                                ? new ContainerStatus.Exited(0, false, begun, end, "")
                                : ContainerStatus.Created.NEW;
                kept.add(
                        new KeptStep(
                                id,
                                name,
                                image.get(),
                                command,
                                environment,
                                begun,
                                status,
                                changes));
            }
        }

        /// The step has come to nothing.
        ///
        /// @param stays whether the container does
        /// @param told whether people read that it does not
        void failed(int code, boolean stays, boolean told) {
            died(code);
            if (stays) {
                return;
            }
            if (told) {
                narrator.text(" ---> Removed intermediate container " + id.shortHex() + "\n");
            }
            remove();
        }
    }

    /// Says that a step has a container.
    ///
    /// @param image that it begins with
    /// @param runs whether something runs in it
    One begin(ContainerId id, Optional<Digest> image, ImageConfig config, boolean runs) {
        narrator.text(" ---> Running in " + id.shortHex() + "\n");
        var one = new One(id, image, config, runs);
        one.publish("create", Map.of());
        if (runs) {
            one.publish("attach", Map.of());
            one.publish("start", Map.of());
        }
        return one;
    }

    /// Makes those that stay, as soon as their images are stored.
    void keep() throws IOException, InterruptedException {
        for (KeptStep step : kept) {
            keeper.keep(step);
        }
        kept.clear();
    }
}
