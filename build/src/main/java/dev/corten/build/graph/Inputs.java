package dev.corten.build.graph;

import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.dockerfile.Stage;
import dev.corten.build.dockerfile.Statement;
import dev.corten.build.front.StageOrder;
import dev.corten.build.solve.Vertex;
import dev.corten.build.step.FileOperation;
import dev.corten.build.step.ImageOperation;
import dev.corten.build.step.SourceOperation;
import dev.corten.build.work.TreeSource;
import dev.corten.model.CortenException;
import dev.corten.model.Reference;
import dev.corten.model.Suggestions;
import dev.corten.model.image.Image;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// What steps read beside the files that they change: the context, other stages, images, downloads.
final class Inputs {
    private static final Pattern IMAGE_ID = Pattern.compile("(?:sha256:)?[0-9a-f]{12,64}");

    private static final String CONTEXT = "";

    /// Gives stages their plans.
    @FunctionalInterface
    interface Stages {
        /// The plan of a stage, which may come later in the file.
        PlannedStage planned(Stage stage)
                throws DockerfileException, IOException, InterruptedException;
    }

    private final StageOrder order;
    private final Stages stages;
    private final Bases bases;
    private final Remote remote;
    private final PlanOptions options;
    private final Map<String, Vertex> sources = new HashMap<>();
    private final Map<String, Set<String>> wanted = new HashMap<>();
    private final Map<String, Vertex> images = new HashMap<>();

    Inputs(StageOrder order, Stages stages, Bases bases, Remote remote, PlanOptions options) {
        this.order = order;
        this.stages = stages;
        this.bases = bases;
        this.remote = remote;
        this.options = options;
    }

    /// The build context.
    ///
    /// @param paths what is read of it
    /// @return empty if there is none
    Optional<Vertex> context(List<String> paths) {
        return options.context()
                .map(source -> source(CONTEXT, "[internal] load build context", source, paths));
    }

    /// The files of a named context.
    Optional<Vertex> files(String name) {
        return files(name, List.of(""));
    }

    private Optional<Vertex> files(String name, List<String> paths) {
        return Optional.ofNullable(options.contexts().get(name.toLowerCase(Locale.ROOT)))
                .map(source ->
                        source(
                                name.toLowerCase(Locale.ROOT),
                                "[context " + name + "] load from client",
                                source,
                                paths));
    }

    private Vertex source(String key, String name, TreeSource source, List<String> paths) {
        Set<String> all = wanted.computeIfAbsent(key, k -> new LinkedHashSet<>());
        all.addAll(paths);
        return sources.computeIfAbsent(
                key,
                k ->
                        new Vertex(
                                name,
                                new SourceOperation(source, options.identity() + " " + key, all),
                                List.of()));
    }

    /// The image that a name stands for.
    String image(String name) {
        return options.images().getOrDefault(name.toLowerCase(Locale.ROOT), name);
    }

    /// What `--from` and `from=` name.
    ///
    /// @param paths what is read of it
    /// @param statement that names it
    /// @return empty if it is a stage without files
    Optional<Vertex> from(String name, List<String> paths, Statement statement)
            throws DockerfileException, IOException, InterruptedException {
        Optional<Vertex> files = files(name, paths);
        if (files.isPresent()) {
            return files;
        }
        if (!options.images().containsKey(name.toLowerCase(Locale.ROOT))) {
            Optional<Stage> stage = order.source(name);
            if (stage.isPresent()) {
                return stages.planned(stage.get()).tree();
            }
        }
        if (name.equals("scratch")) {
            return Optional.empty();
        }
        String image = image(name);
        Vertex known = images.get(image);
        if (known == null) {
            if (!image.startsWith(Bases.LAYOUT) && !IMAGE_ID.matcher(image).matches()) {
                Reference.parse(image);
            }
            Image found = get(bases.image(image, Optional.empty()), image, statement);
            known =
                    new Vertex(
                            "FROM "
                                    + (image.startsWith(Bases.LAYOUT)
                                            ? name
                                            : Reference.parse(image).orLatest()),
                            new ImageOperation(found),
                            List.of());
            images.put(image, known);
        }
        return Optional.of(known);
    }

    /// Waits for an image.
    ///
    /// @param name as the statement has it
    Image get(Bases.Coming coming, String name, Statement statement)
            throws DockerfileException, IOException, InterruptedException {
        try {
            return coming.get();
        } catch (CortenException e) {
            if (options.classic()) {
                throw e; // it finds the place, and the words, by itself
            }
            String near = Suggestions.nearest(name, order.names());
            throw statement.impossible(
                    e.message() + (near.isEmpty() ? "" : " (did you mean " + near + "?)"), e);
        }
    }

    /// A tree without anything in it.
    Vertex nothing() {
        return new Vertex(
                "nothing",
                new FileOperation(false, List.of(), Optional.empty(), true, false),
                List.of());
    }

    /// What `ADD` fetches.
    Optional<Remote.Found> remote(String address, String checksum, boolean keepGitDirectory) {
        return remote.find(address, checksum, keepGitDirectory);
    }

    /// A vertex for it.
    Vertex fetched(String address, Remote.Found found) {
        return new Vertex(
                found.directory() ? "[git] " + address : address,
                new SourceOperation(
                        found.source(), options.identity() + " " + address, List.of("")),
                List.of());
    }
}
