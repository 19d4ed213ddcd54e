package dev.corten.engine.build.output;

import dev.corten.build.solve.Listener;
import dev.corten.engine.build.output.ExportRequest.Sink;
import dev.corten.engine.build.output.ExportRequest.Target;
import dev.corten.engine.event.Events;
import dev.corten.engine.push.Pushes;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotImplemented;
import dev.corten.model.image.Descriptor;
import dev.corten.store.Store;
import dev.corten.store.document.Json;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Ends of builds: makes of a result what is asked for.
public final class Exports {
    private static final Target IMAGE = new Target("image", new TreeMap<>(), Optional.empty());

    private final Store store;
    private final Pushes pushes;
    private final Scanner scanner;
    private final Events events;
    private final Clock clock;

    public Exports(Store store, Pushes pushes, Scanner scanner, Events events, Clock clock) {
        this.store = store;
        this.pushes = pushes;
        this.scanner = scanner;
        this.events = events;
        this.clock = clock;
    }

    /// Refuses what cannot be done, before the build begins.
    ///
    /// @throws InvalidParameter in BuildKit's words
    public static void check(ExportRequest request) {
        Attestations.check(request.attestations());
        for (Target target : targets(request)) {
            switch (target.type()) {
                case "image", "registry" -> ImageOutput.of(target, request);
                case "oci", "docker" -> {
                    ImageOutput.of(target, request);
                    new Attributes(target.attributes()).flag("tar", true);
                    boolean archive = target.sink().isPresent();
                    if (target.type().equals("docker")
                            && archive
                            && (request.severalPlatforms()
                                    || Attestations.isWanted(request.attestations()))) {
                        throw new InvalidParameter(
                                "docker exporter does not support exporting manifest lists, use"
                                        + " the oci exporter instead");
                    }
                    if (target.type().equals("oci")) {
                        sink(target);
                    }
                }
                case "local", "tar" -> {
                    sink(target);
                    new Attributes(target.attributes()).flag("platform-split", false);
                }
                case "cacheonly" -> {}
                default ->
                        throw new InvalidParameter(
                                "exporter \"" + target.type() + "\" could not be found");
            }
        }
    }

    private static List<Target> targets(ExportRequest request) {
        return request.targets().isEmpty() ? List.of(IMAGE) : request.targets();
    }

    private static Sink sink(Target target) {
        return target.sink()
                .orElseThrow(() ->
                        new NotImplemented(
                                "there is no way to the client for an output of type "
                                        + target.type()));
    }

    /// Does all of it, one after the other.
    ///
    /// @param results of each platform, in the order in which they were asked for
    public Exported export(List<Finished> results, ExportRequest request, Listener listener)
            throws IOException, InterruptedException {
        check(request);
        var attestations = new Attestations(request, scanner, clock, listener);
        var images = new ArrayList<Composition.Image>();
        for (Finished result : results) {
            images.add(new Composition.Image(result, config(result, request)));
        }
        SortedMap<String, String> metadata = new TreeMap<>();
        attestations.describe(results, metadata);
        Optional<Digest> image = Optional.empty();
        for (Target target : targets(request)) {
            boolean archive =
                    target.type().equals("oci")
                            || (target.type().equals("docker") && target.sink().isPresent());
            switch (archive ? "archive" : target.type()) {
                case "local", "tar" -> files(results, target, request, attestations, listener);
                case "cacheonly" -> {}
                case "archive" ->
                        archive(images, target, request, attestations, listener, metadata);
                default -> {
                    var output = ImageOutput.of(target, request);
                    var stored =
                            new StoredOutput(store, pushes, events, request, output, attestations);
                    image = Optional.of(stored.export(images, listener, metadata));
                }
            }
        }
        return new Exported(image, metadata);
    }

    private static byte[] config(Finished result, ExportRequest request) throws IOException {
        byte[] document = result.image().document();
        return request.inlineCache().isEmpty()
                ? document
                : InlineMember.add(document, request.inlineCache().get().of(result));
    }

    // --- archives

    private void archive(
            List<Composition.Image> images,
            Target target,
            ExportRequest request,
            Attestations attestations,
            Listener listener,
            SortedMap<String, String> metadata)
            throws IOException, InterruptedException {
        ImageOutput output = ImageOutput.of(target, request);
        boolean docker = target.type().equals("docker");
        ExportStep.of(
                listener,
                "exporting to " + (docker ? "docker" : "oci") + " image format",
                step -> {
                    try (var blobs = new LayerBlobs(store, output.form())) {
                        Composition composition =
                                step.part(
                                        "exporting layers",
                                        _ ->
                                                Composition.of(
                                                        images,
                                                        blobs,
                                                        output.names(),
                                                        output.annotations(),
                                                        output.oci().orElse(!docker),
                                                        request.severalPlatforms()
                                                                || output.annotations().needIndex(),
                                                        attestations::of));
                        StoredOutput.tell(composition, step);
                        step.part(
                                "sending tarball",
                                _ -> {
                                    try (InputStream tar =
                                            LayoutArchive.of(
                                                    composition,
                                                    blobs,
                                                    output.names(),
                                                    output.annotations(),
                                                    request.epoch().orElse(clock.instant()),
                                                    docker)) {
                                        sink(target).take(tar);
                                    }
                                    return true;
                                });
                        describe(composition, output, metadata);
                    }
                    return true;
                });
    }

    static void describe(
            Composition composition, ImageOutput output, SortedMap<String, String> metadata) {
        Descriptor target = composition.target().descriptor();
        var json = Json.MAPPER.createObjectNode();
        Documents.write(json, target.mediaType(), target);
        metadata.put("containerimage.descriptor", Json.MAPPER.writeValueAsString(json));
        metadata.put("containerimage.digest", text(target.digest().toString()));
        if (!composition.isIndex()) {
            metadata.put(
                    "containerimage.config.digest",
                    text(Digest.of(composition.images().getFirst().config()).toString()));
        }
        names(output, metadata);
    }

    static void names(ImageOutput output, SortedMap<String, String> metadata) {
        if (!output.names().isEmpty()) {
            metadata.put(
                    "image.name",
                    text(String.join(",", output.names().stream().map(Object::toString).toList())));
        }
    }

    static String text(String value) {
        return Json.MAPPER.writeValueAsString(value);
    }

    // --- files

    private static void files(
            List<Finished> results,
            Target target,
            ExportRequest request,
            Attestations attestations,
            Listener listener)
            throws IOException, InterruptedException {
        boolean split =
                new Attributes(target.attributes())
                        .flag("platform-split", request.severalPlatforms());
        boolean local = target.type().equals("local");
        ExportStep.of(
                listener,
                "exporting to client " + (local ? "directory" : "tarball"),
                step -> {
                    var parts = new ArrayList<FilesTar.Part>();
                    for (Finished result : results) {
                        String prefix =
                                split ? result.platform().toString().replace('/', '_') + "/" : "";
                        var more = new ArrayList<ArchiveTar.Member>();
                        for (Attestation said : attestations.of(result, List.of())) {
                            more.add(
                                    ArchiveTar.Member.file(
                                            prefix + said.file(),
                                            0644,
                                            said.statement(
                                                    request.names(),
                                                    result.platform(),
                                                    Optional.empty())));
                        }
                        parts.add(new FilesTar.Part(prefix, result.tree(), more));
                    }
                    return step.part(
                            local ? "copying files" : "sending tarball",
                            _ -> {
                                try (var tar = new FilesTar(parts, request.epoch())) {
                                    sink(target).take(tar);
                                }
                                return true;
                            });
                });
    }
}
