package dev.corten.engine.build.classic;

import dev.corten.engine.event.Events;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.image.History;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import dev.corten.store.image.BuiltImage;
import dev.corten.store.image.Images;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// The images of one build: one for each step.
final class ClassicImages {
    private final Images store;
    private final Events events;
    private final Clock clock;

    /// Those that are not stored yet, by their IDs.
    private final List<Made> made = new ArrayList<>();

    private record Made(State state, BuiltImage image) {}

    ClassicImages(Images store, Events events, Clock clock) {
        this.store = store;
        this.events = events;
        this.clock = clock;
    }

    /// What a step begins with.
    ///
    /// @param image empty: nothing
    /// @param author whom `MAINTAINER` has named
    record State(
            Optional<Digest> image,
            Platform platform,
            String osVersion,
            ImageConfig config,
            List<Digest> diffIds,
            List<History> history,
            String author) {
        State by(String newAuthor) {
            return new State(image, platform, osVersion, config, diffIds, history, newAuthor);
        }

        State with(ImageConfig newConfig) {
            return new State(image, platform, osVersion, newConfig, diffIds, history, author);
        }
    }

    static State nothing(Platform platform) {
        return new State(
                Optional.empty(), platform, "", ImageConfig.EMPTY, List.of(), List.of(), "");
    }

    static State of(Image image) {
        return new State(
                Optional.of(image.id()),
                image.platform(),
                image.osVersion(),
                image.config(),
                image.diffIds(),
                image.history(),
                "");
    }

    /// What a step is to come to.
    ///
    /// @param layers of the image, lowest first
    record Step(ImageConfig config, List<Digest> layers, List<String> command) {
        String createdBy() {
            return String.join(" ", command);
        }
    }

    /// An image that the same step has come to before.
    ///
    /// @param createdBy what its history has to say of the step
    Optional<State> find(State before, Step step, Predicate<String> createdBy) {
        for (Made other : made.reversed()) {
            State state = other.state;
            if (other.image.parent().equals(before.image())
                    && isLike(
                            before, step, createdBy, state.config, state.diffIds, state.history)) {
                return Optional.of(state);
            }
        }
        return store.list().stream()
                .filter(image ->
                        image.parent().equals(before.image())
                                && image.author().equals(before.author())
                                && image.platform().equals(before.platform())
                                && isLike(
                                        before,
                                        step,
                                        createdBy,
                                        image.config(),
                                        image.diffIds(),
                                        image.history()))
                .findFirst()
                .map(image -> of(image).by(before.author()));
    }

    private static boolean isLike(
            State before,
            Step step,
            Predicate<String> createdBy,
            ImageConfig config,
            List<Digest> layers,
            List<History> history) {
        return history.size() == before.history().size() + 1
                && createdBy.test(history.getLast().createdBy())
                && layers.equals(step.layers)
                && config.equals(step.config);
    }

    /// A new image.
    ///
    /// @param container in which the step was carried out
    State make(State before, Step step, ContainerId container) {
        Instant now = clock.instant();
        var history = new ArrayList<>(before.history());
        history.add(
                new History(
                        Optional.of(now),
                        step.createdBy(),
                        before.author(),
                        "",
                        step.layers.equals(before.diffIds())));
        var image =
                new BuiltImage(
                        before.platform(),
                        before.osVersion(),
                        step.config,
                        step.layers,
                        history,
                        Optional.of(now),
                        before.author(),
                        before.image(),
                        List.of(),
                        Optional.of(new BuiltImage.ClassicStep(container.hex(), step.command)));
        var state =
                new State(
                        Optional.of(image.id()),
                        before.platform(),
                        before.osVersion(),
                        step.config,
                        step.layers,
                        List.copyOf(history),
                        before.author());
        made.add(new Made(state, image));
        return state;
    }

    /// Whether there are some that are not stored.
    boolean any() {
        return !made.isEmpty();
    }

    /// Stores all that were made, in one step. Their layers are there.
    void store() throws IOException {
        if (made.isEmpty()) {
            return;
        }
        store.addBuilt(made.stream().map(Made::image).toList());
        for (Made image : made) {
            String id = image.state.image().orElseThrow().toString();
            events.publish("image", "create", id, Map.of("name", id));
        }
        made.clear();
    }
}
