package dev.corten.engine.build;

import dev.corten.build.graph.Bases;
import dev.corten.build.solve.Listener;
import dev.corten.build.solve.Vertex;
import dev.corten.engine.build.output.Credentials;
import dev.corten.engine.image.Images;
import dev.corten.engine.pull.PullRequest;
import dev.corten.engine.pull.Pulls;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import dev.corten.model.image.RegistryCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// The images that one build begins with: those of the store, and where they are absent, or asked
/// for anew, those of registries, all at the same time. For the thread that plans.
final class PulledBases implements AutoCloseable {
    private final Images images;
    private final Pulls pulls;
    private final BuildRequest request;
    private final BuildObserver observer;
    private final LayoutBases layouts;
    private final Map<Wanted, Coming> coming = new HashMap<>();
    private final List<Thread> threads = new ArrayList<>();

    private record Wanted(String name, Platform platform) {}

    private static final class Coming implements Bases.Coming {
        private final FutureTask<Image> task;

        Coming(FutureTask<Image> task) {
            this.task = task;
        }

        @Override
        public Image get() throws IOException, InterruptedException {
            try {
                return task.get();
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case IOException cause -> throw cause;
                    case RuntimeException cause -> throw cause;
                    case InterruptedException cause -> throw cause;
                    case null, default -> throw new IllegalStateException(e);
                }
            }
        }
    }

    /// @param layouts stay open
    PulledBases(
            Images images,
            Pulls pulls,
            BuildRequest request,
            BuildObserver observer,
            LayoutBases layouts) {
        this.images = images;
        this.pulls = pulls;
        this.request = request;
        this.observer = observer;
        this.layouts = layouts;
    }

    /// @param target the platform of images for which nothing else is said
    Bases on(Platform target) {
        return (name, platform) ->
                coming.computeIfAbsent(new Wanted(name, platform.orElse(target)), this::begin);
    }

    private Coming begin(Wanted wanted) {
        var task = new FutureTask<>(() -> find(wanted));
        threads.add(Thread.ofVirtual().name("base-" + wanted.name()).start(task));
        return new Coming(task);
    }

    private Image find(Wanted wanted) throws IOException, InterruptedException {
        if (wanted.name().startsWith(Bases.LAYOUT)) {
            return layouts.bring(wanted.name(), wanted.platform());
        }
        String shown = shown(wanted.name());
        String text = "[internal] load metadata for " + shown;
        var vertex =
                new Vertex(text, () -> Digest.of(text.getBytes(StandardCharsets.UTF_8)), List.of());
        observer.begun(vertex);
        var end = Listener.End.FAILED;
        try {
            Image found = find(wanted, vertex, shown);
            end = Listener.End.DONE;
            return found;
        } catch (InterruptedException e) {
            end = Listener.End.CANCELED;
            throw e;
        } finally {
            observer.ended(vertex, end);
        }
    }

    private static String shown(String name) {
        try {
            return Reference.parse(name).orLatest().toString();
        } catch (InvalidParameter e) {
            // The ID of an image, which is no name.
            return name;
        }
    }

    private Image find(Wanted wanted, Vertex vertex, String shown)
            throws IOException, InterruptedException {
        Optional<Image> here = here(wanted);
        if (here.isPresent() && !(request.pull() && isName(here.get()))) {
            return here.get();
        }
        Reference name = Reference.parse(wanted.name()).orLatest();
        RegistryCredentials credentials = Credentials.of(request.credentials(), name.domain());
        try {
            pulls.pull(
                    new PullRequest(name, Optional.of(wanted.platform()), credentials),
                    messages -> observer.pulling(vertex, messages));
        } catch (CortenException e) {
            if (request.style() == BuildRequest.Style.CLASSIC) {
                throw e;
            }
            throw new NotFound(
                    wanted.name()
                            + ": failed to resolve source metadata for "
                            + shown
                            + ": "
                            + e.message(),
                    e);
        }
        return here(wanted).orElseThrow(() -> new NotFound("No such image: " + wanted.name()));
    }

    private Optional<Image> here(Wanted wanted) {
        return images.find(wanted.name(), wanted.platform())
                .or(() -> images.find(wanted.name()))
                .filter(image -> wanted.platform().covers(image.platform()));
    }

    private static boolean isName(Image image) {
        return !image.repoTags().isEmpty();
    }

    /// Nobody waits any more.
    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
    }
}
