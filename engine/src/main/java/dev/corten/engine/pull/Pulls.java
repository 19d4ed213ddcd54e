package dev.corten.engine.pull;

import dev.corten.engine.event.Events;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.Forbidden;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import dev.corten.store.image.Distribution.Note;
import dev.corten.store.image.ImageIntake;
import dev.corten.store.image.Images;
import dev.corten.store.image.Images.StoredManifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Brings images from registries.
public final class Pulls {
    private static final Reference HELLO_WORLD = Reference.parse("hello-world:latest");
    private static final Reference SCRATCH = Reference.parse("scratch");
    private static final Pattern PULLED = Pattern.compile("^manifest for \\S+ not found: ");
    private static final Duration HELLO_PATIENCE = Duration.ofSeconds(3);

    private final Images store;
    private final ImageSource.Opener sources;
    private final Transfers transfers;
    private final Events events;
    private final Path helloWorld;

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock; by the digest of the image's manifest.
    private final Map<Digest, ImagePull> running = new HashMap<>();

    /// @param limits asked each time, as they may change
    /// @param helloWorld the program that the built-in image consists of
    public Pulls(
            Images store,
            ImageSource.Opener sources,
            Supplier<PullLimits> limits,
            Events events,
            Path helloWorld) {
        this(store, sources, limits, events, helloWorld, Thread::sleep);
    }

    Pulls(
            Images store,
            ImageSource.Opener sources,
            Supplier<PullLimits> limits,
            Events events,
            Path helloWorld,
            Pause pause) {
        this.store = store;
        this.sources = sources;
        this.transfers = new Transfers(store, limits, pause);
        this.events = events;
        this.helloWorld = helloWorld;
    }

    /// Brings an image, or all tags of a repository. When the calling thread is interrupted, the work
    /// ends unless somebody else waits for it.
    ///
    /// @param out called by this thread, with what there is to say at the moment
    /// @throws NotFound if there is no such image, in Docker's words
    /// @throws Forbidden for a reserved name
    public void pull(PullRequest request, Consumer<List<PullMessage>> out)
            throws IOException, InterruptedException {
        Reference name = request.name();
        if (name.repository().equals(SCRATCH)) {
            throw new Forbidden("'scratch' is a reserved name");
        }
        boolean changed = false;
        if (name.tag().isEmpty() && name.digest().isEmpty()) {
            ImageSource source = sources.open(name, request.credentials());
            for (String tag : source.tags()) {
                changed |= one(source, name.withTag(tag), request, out);
            }
        } else if (name.equals(HELLO_WORLD)) {
            changed = helloWorld(request, out);
        } else {
            changed = one(sources.open(name, request.credentials()), name, request, out);
        }
        say(
                out,
                "",
                (changed
                                ? "Status: Downloaded newer image for "
                                : "Status: Image is up to date for ")
                        + name.familiar());
        request.platform().ifPresent(platform -> warn(name, platform, out));
    }

    private void warn(Reference name, Platform platform, Consumer<List<PullMessage>> out) {
        store.find(name.familiar())
                .filter(image -> !platform.covers(image.platform()))
                .ifPresent(image ->
                        say(
                                out,
                                "",
                                "WARNING: image with reference "
                                        + name.familiar()
                                        + " was found but its platform ("
                                        + image.platform()
                                        + ") does not match the specified platform ("
                                        + platform
                                        + ")"));
    }

    private static void say(Consumer<List<PullMessage>> out, String id, String text) {
        out.accept(List.of(new PullMessage.Note(id, text)));
    }

    /// @return whether the name stands for another image now
    private boolean one(
            ImageSource source,
            Reference name,
            PullRequest request,
            Consumer<List<PullMessage>> out)
            throws IOException, InterruptedException {
        return bring(source, manifest(source, name), name, request, out);
    }

    private static StoredManifest manifest(ImageSource source, Reference name)
            throws IOException, InterruptedException {
        return source.manifest(
                name.digest().map(Digest::toString).or(name::tag).orElse(Reference.DEFAULT_TAG));
    }

    private boolean bring(
            ImageSource source,
            StoredManifest top,
            Reference name,
            PullRequest request,
            Consumer<List<PullMessage>> out)
            throws IOException, InterruptedException {
        String id = name.digest().isPresent() ? name.toString() : name.tag().orElse("");
        say(out, id, "Pulling from " + name.path());
        Choice choice = Choice.of(source, top, request.platform());
        Optional<Digest> before = store.find(name.familiar()).map(Image::id);
        Image image = bring(source, choice, names(name, top.descriptor()), out);
        note(name, choice, image);
        say(out, "", "Digest: " + top.descriptor().digest());
        events.publish("image", "pull", name.familiar(), Map.of("name", name.familiarRepository()));
        return !before.equals(Optional.of(image.id()));
    }

    /// From now on a push knows where these layers are.
    private void note(Reference name, Choice choice, Image image) {
        List<Digest> blobs =
                switch (choice.manifest()) {
                    case Manifest.OfImage manifest ->
                            manifest.layers().stream().map(Descriptor::digest).toList();
                    case Manifest.OfSchemaOne _, Manifest.OfIndex _ -> List.of();
                };
        List<Digest> diffIds = image.diffIds();
        if (blobs.size() == diffIds.size()) {
            String repository = name.domain() + "/" + name.path();
            store.distribution()
                    .note(
                            IntStream.range(0, blobs.size())
                                    .mapToObj(i ->
                                            new Note(diffIds.get(i), blobs.get(i), repository, ""))
                                    .toList());
        }
    }

    /// The tag, if it is one, and what it stands for.
    private static List<Reference> names(Reference name, Descriptor target) {
        var names = new ArrayList<Reference>();
        if (name.digest().isEmpty()) {
            names.add(name);
        }
        names.add(
                new Reference(
                        name.domain(),
                        name.path(),
                        Optional.empty(),
                        Optional.of(target.digest())));
        return names;
    }

    private Image bring(
            ImageSource source,
            Choice choice,
            List<Reference> names,
            Consumer<List<PullMessage>> out)
            throws IOException, InterruptedException {
        Optional<Image> here =
                switch (choice.manifest()) {
                    case Manifest.OfImage image -> store.find(image.config().digest());
                    case Manifest.OfSchemaOne _ -> store.byManifest(choice.digest());
                    case Manifest.OfIndex _ -> Optional.empty();
                };
        if (here.isPresent()) {
            Optional<Image> named = name(choice, names, store.configBytes(here.get().id()));
            if (named.isPresent()) {
                return named.get();
            }
        }
        while (true) {
            ImagePull pull = running(source, choice, names);
            Optional<Watch> watch = pull.join();
            if (watch.isPresent()) {
                try {
                    return follow(pull, watch.get(), choice, names, out);
                } finally {
                    if (pull.leave(watch.get())) {
                        forget(choice, pull);
                    }
                }
            }
            forget(choice, pull);
        }
    }

    private Image follow(
            ImagePull pull,
            Watch watch,
            Choice choice,
            List<Reference> names,
            Consumer<List<PullMessage>> out)
            throws IOException, InterruptedException {
        for (var messages = watch.next(); !messages.isEmpty(); messages = watch.next()) {
            out.accept(messages);
        }
        ImagePull.Result result = pull.result();
        boolean named =
                store.find(result.image().id())
                        .map(image ->
                                names.stream()
                                        .allMatch(n ->
                                                image.repoTags().contains(n)
                                                        || image.repoDigests().contains(n)))
                        .orElse(false);
        return named ? result.image() : name(choice, names, result.config()).orElse(result.image());
    }

    private ImagePull running(ImageSource source, Choice choice, List<Reference> names) {
        ImagePull pull;
        lock.lock();
        try {
            ImagePull before = running.get(choice.digest());
            if (before != null) {
                return before;
            }
            pull = new ImagePull(store, transfers, source, choice, names);
            running.put(choice.digest(), pull);
        } finally {
            lock.unlock();
        }
        pull.start();
        return pull;
    }

    private void forget(Choice choice, ImagePull pull) {
        lock.lock();
        try {
            running.remove(choice.digest(), pull);
        } finally {
            lock.unlock();
        }
    }

    /// Gives names to an image that is here.
    ///
    /// @return nothing if some of its layers are not
    private Optional<Image> name(Choice choice, List<Reference> names, byte[] config)
            throws IOException {
        List<Digest> diffIds = Images.describe(config).diffIds();
        try (ImageIntake intake = store.intake()) {
            if (intake.present(diffIds) < diffIds.size()) {
                return Optional.empty();
            }
            return Optional.of(
                    intake.commit(
                            new ImageIntake.Arrived(
                                    config,
                                    names,
                                    choice.documents().getFirst().descriptor(),
                                    choice.documents())));
        }
    }

    // --- hello-world

    /// From the registry if that answers soon, else the copy that ships with Corten.
    private boolean helloWorld(PullRequest request, Consumer<List<PullMessage>> out)
            throws IOException, InterruptedException {
        ImageSource source = sources.open(HELLO_WORLD, request.credentials());
        var manifest = new CompletableFuture<StoredManifest>();
        Thread asking =
                Thread.startVirtualThread(() -> {
                    try {
                        manifest.complete(manifest(source, HELLO_WORLD));
                    } catch (IOException | InterruptedException | CortenException e) {
                        manifest.completeExceptionally(e);
                    }
                });
        StoredManifest top;
        try {
            top = manifest.get(HELLO_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException unreachable) {
            asking.interrupt();
            return builtIn(out);
        }
        return bring(source, top, HELLO_WORLD, request, out);
    }

    private boolean builtIn(Consumer<List<PullMessage>> out)
            throws IOException, InterruptedException {
        boolean known = store.find(HELLO_WORLD.familiar()).isPresent();
        Image image = store.installHelloWorld(helloWorld);
        say(out, Reference.DEFAULT_TAG, "Pulling from " + HELLO_WORLD.path());
        say(out, "", "Using the copy that ships with Corten: " + image.id());
        events.publish(
                "image",
                "pull",
                HELLO_WORLD.familiar(),
                Map.of("name", HELLO_WORLD.familiarRepository()));
        return !known;
    }

    // --- looking without bringing

    /// What a registry has under a name.
    ///
    /// @param platforms that it is for, in the order of the index
    public record Distributed(Descriptor descriptor, List<Platform> platforms) {
        public Distributed {
            platforms = List.copyOf(platforms);
        }
    }

    /// @throws NotFound in the registry's words
    public Distributed look(Reference name, RegistryCredentials credentials)
            throws IOException, InterruptedException {
        ImageSource source = sources.open(name, credentials);
        StoredManifest top;
        try {
            top = manifest(source, name.orLatest());
        } catch (NotFound e) {
            // What went wrong with the name is said by those who pull it.
            throw new NotFound(PULLED.matcher(e.message()).replaceFirst(""), e);
        }
        Manifest manifest =
                Manifest.parse(
                        "manifest " + name.familiar(), top.descriptor().mediaType(), top.bytes());
        return new Distributed(
                Descriptor.of(
                        manifest.mediaType(), top.descriptor().digest(), top.descriptor().size()),
                switch (manifest) {
                    case Manifest.OfIndex index ->
                            index.manifests().stream()
                                    .map(Descriptor::platform)
                                    .flatMap(Optional::stream)
                                    .toList();
                    case Manifest.OfImage image -> List.of(platform(source, image.config()));
                    case Manifest.OfSchemaOne _ -> List.of();
                });
    }

    private static Platform platform(ImageSource source, Descriptor config)
            throws IOException, InterruptedException {
        try (ImageSource.Body body = source.blob(config, 0);
                InputStream in = body.in()) {
            byte[] bytes = in.readNBytes(Json.MAX_DOCUMENT);
            if (!Digest.of(bytes).equals(config.digest())) {
                throw new InvalidParameter(
                        "image config verification failed for digest " + config.digest());
            }
            return Images.describe(bytes).platform();
        }
    }
}
