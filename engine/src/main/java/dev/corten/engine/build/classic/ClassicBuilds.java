package dev.corten.engine.build.classic;

import dev.corten.build.check.CheckOptions;
import dev.corten.build.check.Warnings;
import dev.corten.build.context.Folder;
import dev.corten.build.context.IgnoredFiles;
import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.Stage;
import dev.corten.build.front.BuildArguments;
import dev.corten.build.front.Evaluation;
import dev.corten.build.front.StageOrder;
import dev.corten.build.graph.BuildPlan;
import dev.corten.build.work.Session;
import dev.corten.engine.build.BuildFailure;
import dev.corten.engine.build.BuildObserver;
import dev.corten.engine.build.BuildRequest;
import dev.corten.engine.build.Building;
import dev.corten.engine.build.context.RemoteContext;
import dev.corten.engine.event.Events;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.store.image.Images;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Builds as Docker's classic API has them. Thread-safe.
public final class ClassicBuilds {
    private static final System.Logger LOG = System.getLogger(ClassicBuilds.class.getName());

    private final Starter starter;
    private final ClassicContexts contexts;
    private final Images store;
    private final Layering layering;
    private final Names names;
    private final Keeper keeper;
    private final Events events;
    private final Clock clock;

    /// Begins a build.
    @FunctionalInterface
    public interface Starter {
        Building start(BuildRequest request, BuildObserver observer)
                throws IOException, InterruptedException, BuildFailure;
    }

    /// What images are made of, and how it gets to the disk.
    public interface Layering extends ClassicSteps.Layering {
        /// Before images refer to layers.
        void settle() throws IOException;
    }

    /// Gives images names.
    @FunctionalInterface
    public interface Names {
        void tag(Digest image, Reference name) throws IOException;
    }

    /// Keeps the containers of steps.
    public interface Keeper {
        /// One that a container may have.
        String name();

        /// Of a command that failed.
        ///
        /// @param image that the command was to change
        void keepFailed(Digest image, String name, BuildFailure failure)
                throws IOException, InterruptedException;

        /// Of a step that did not.
        void keep(KeptStep step) throws IOException, InterruptedException;
    }

    public ClassicBuilds(
            Starter starter,
            ClassicContexts contexts,
            Images store,
            Layering layering,
            Names names,
            Keeper keeper,
            Events events,
            Clock clock) {
        this.starter = starter;
        this.contexts = contexts;
        this.store = store;
        this.layering = layering;
        this.names = names;
        this.keeper = keeper;
        this.events = events;
        this.clock = clock;
    }

    /// Builds. What is wrong before the first message is an exception of its own kind, what comes
    /// later a [ClassicFailure].
    ///
    /// @param out called by several threads, one after the other
    public void build(ClassicRequest request, Consumer<ClassicMessage> out)
            throws IOException, InterruptedException, ClassicFailure {
        RemoteContext context = contexts.open(request);
        try (Folder folder = context.folder()) {
            String path = contexts.dockerfile(folder, request.dockerfile());
            byte[] dockerfile =
                    context.alone()
                            .or(() -> read(folder, path))
                            .orElseThrow(() ->
                                    new Internal("Cannot locate specified Dockerfile: " + path));
            if (dockerfile.length == 0) {
                throw new InvalidParameter("the Dockerfile (" + path + ") cannot be empty");
            }
            byte[] ignored = IgnoredFiles.remove(folder, path);
            Dockerfile file = parsed(dockerfile);
            Optional<StageOrder> order = order(file, request);
            List<Stage> stages = order.map(StageOrder::wanted).orElse(file.stages());
            var kept = new Kept(out);
            var narrator = new Narrator(request.quiet() ? kept : out);
            var headings = new Headings(narrator, file, stages, request.labels().size());
            try {
                var run = new Run(request, folder, path, ignored, narrator, headings, dockerfile);
                Digest image = run.build(stages, order);
                tag(image, request, new Narrator(out));
            } catch (ClassicFailure e) {
                kept.tell();
                throw e;
            }
        }
    }

    private static Dockerfile parsed(byte[] dockerfile) {
        try {
            return Dockerfile.parse(dockerfile);
        } catch (DockerfileException e) {
            throw new InvalidParameter(String.valueOf(e.getMessage()), e);
        }
    }

    /// @return empty if a step names a stage by a number that there is not: it fails at its turn
    private static Optional<StageOrder> order(Dockerfile file, ClassicRequest request) {
        String target = request.target();
        try {
            var evaluation =
                    new Evaluation(
                            file,
                            new BuildArguments(
                                    request.arguments(),
                                    Platform.host(),
                                    request.platform().orElse(Platform.host()),
                                    target.isEmpty() ? "default" : target),
                            new Warnings(CheckOptions.DEFAULT),
                            _ -> true,
                            true);
            return Optional.of(StageOrder.of(file, target, evaluation::baseName, List.of()));
        } catch (DockerfileException e) {
            throw new InvalidParameter(String.valueOf(e.getMessage()), e);
        } catch (InvalidParameter e) {
            if (WrongStep.outOfBounds(file.stages()).isPresent()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static Optional<byte[]> read(Folder folder, String path) {
        try {
            return folder.read(path, Dockerfile.MAX_BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What a quiet build would have said; told if it fails.
    private static final class Kept implements Consumer<ClassicMessage> {
        private static final int MAX = 10_000;

        private final Consumer<ClassicMessage> out;
        private final List<ClassicMessage> messages = new ArrayList<>();

        private Kept(Consumer<ClassicMessage> out) {
            this.out = out;
        }

        @Override
        public void accept(ClassicMessage message) {
            if (messages.size() < MAX) {
                messages.add(message);
            }
        }

        private void tell() {
            messages.forEach(out);
        }
    }

    private void tag(Digest image, ClassicRequest request, Narrator narrator) throws IOException {
        if (request.quiet()) {
            narrator.text(image + "\n");
        } else {
            narrator.text("Successfully built " + image.shortHex() + "\n");
        }
        for (Reference name : request.tags()) {
            names.tag(image, name);
            if (!request.quiet()) {
                narrator.text("Successfully tagged " + name.familiar() + "\n");
            }
        }
    }

    /// One build on its way.
    private final class Run {
        private final ClassicRequest request;
        private final Folder folder;
        private final String path;
        private final byte[] ignored;
        private final Narrator narrator;
        private final Headings headings;
        private final byte[] dockerfile;

        private Run(
                ClassicRequest request,
                Folder folder,
                String path,
                byte[] ignored,
                Narrator narrator,
                Headings headings,
                byte[] dockerfile) {
            this.request = request;
            this.folder = folder;
            this.path = path;
            this.ignored = ignored;
            this.narrator = narrator;
            this.headings = headings;
            this.dockerfile = dockerfile;
        }

        private Digest build(List<Stage> stages, Optional<StageOrder> order)
                throws IOException, InterruptedException, ClassicFailure {
            if (order.isEmpty()) {
                WrongStep step = WrongStep.outOfBounds(stages).orElseThrow();
                upTo(step);
                throw new ClassicFailure(step.complaint("index out of bounds"));
            }
            Optional<Digest> image;
            try {
                image = steps(dockerfile, request.target(), request.labels(), true, true);
            } catch (BuildFailure e) {
                if (e.getCause() instanceof DockerfileException wrong) {
                    Optional<WrongStep> step = WrongStep.find(stages, wrong);
                    if (step.isPresent()) {
                        upTo(step.get());
                    }
                }
                throw ClassicFailure.of(e);
            } catch (CortenException e) {
                Optional<WrongStep> step =
                        WrongStep.absent(stages, order.get(), name -> store.find(name).isPresent());
                if (step.isEmpty()) {
                    headings.firstImage();
                    throw new ClassicFailure(e.message(), e);
                }
                upTo(step.get());
                throw new ClassicFailure(step.get().complaint(e.message()), e);
            }
            return image.orElseThrow(
                    () -> new ClassicFailure("No image was generated. Is your Dockerfile empty?"));
        }

        /// What cannot be done is seen before the first step is; people see those before it done.
        private void upTo(WrongStep step) throws IOException, InterruptedException, ClassicFailure {
            if (step.isFirst()) {
                headings.globals();
            } else {
                try {
                    steps(
                            step.before(dockerfile),
                            "",
                            new TreeMap<>(),
                            step.instruction() instanceof Instruction.From,
                            false);
                } catch (BuildFailure e) {
                    throw ClassicFailure.of(e);
                }
            }
            headings.next(step.instruction());
        }

        /// @param ends whether the last stage is at its end
        /// @param whole whether there is nothing more to come
        private Optional<Digest> steps(
                byte[] text,
                String target,
                SortedMap<String, String> labels,
                boolean ends,
                boolean whole)
                throws IOException, InterruptedException, BuildFailure {
            var observer = new Observer(narrator, headings);
            var images = new ClassicImages(store, events, clock);
            var containers = new StepContainers(narrator, request.remove(), keeper, events, clock);
            var options =
                    new ClassicSteps.Options(request.noCache(), request.removeFailed(), labels);
            try (Building building = starter.start(asked(text, target), observer);
                    var steps =
                            new ClassicSteps(
                                    building,
                                    headings,
                                    observer.outputs(),
                                    images,
                                    layering,
                                    narrator,
                                    containers,
                                    options)) {
                Optional<BuildFailure> failure = Optional.empty();
                try {
                    Optional<Digest> image = steps.run(ends).image();
                    if (whole && image.isPresent()) {
                        warn(building.plans().getFirst());
                    }
                    return image;
                } catch (BuildFailure e) {
                    failure = Optional.of(e);
                    throw e;
                } finally {
                    if (failure.isPresent()) {
                        keep(images, containers, steps, failure.get());
                    } else {
                        store(images);
                        containers.keep();
                    }
                }
            }
        }

        private void store(ClassicImages images) throws IOException, InterruptedException {
            if (images.any()) {
                layering.settle();
                images.store();
            }
        }

        /// What a build that fails leaves: the next one goes on there. That there is no room for it
        /// is not what people have to know then.
        private void keep(
                ClassicImages images,
                StepContainers containers,
                ClassicSteps steps,
                BuildFailure failure)
                throws InterruptedException {
            try {
                store(images);
                containers.keep();
                if (steps.failed().isPresent()) {
                    ClassicSteps.Failed left = steps.failed().get();
                    keeper.keepFailed(left.image(), left.container(), failure);
                }
            } catch (IOException | CortenException e) {
                LOG.log(System.Logger.Level.WARNING, "cannot keep what a build has left", e);
                failure.addSuppressed(e);
            }
        }

        private void warn(BuildPlan plan) {
            Set<String> unused = UnusedArguments.of(plan, request.names());
            if (!unused.isEmpty()) {
                narrator.text(
                        "[Warning] One or more build-args ["
                                + String.join(" ", unused)
                                + "] were not consumed\n");
            }
        }

        private BuildRequest asked(byte[] text, String target) {
            return new BuildRequest(
                    BuildRequest.Style.CLASSIC,
                    text,
                    path,
                    ignored,
                    Optional.of(folder.source()),
                    Map.of(),
                    target,
                    request.arguments(),
                    new TreeMap<>(),
                    request.platform().stream().toList(),
                    request.noCache(),
                    Set.of(),
                    request.pull(),
                    request.host(),
                    Set.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    new TreeMap<>(),
                    new TreeMap<>(),
                    !request.removeFailed(),
                    false,
                    Session.NONE,
                    request.credentials());
        }
    }
}
