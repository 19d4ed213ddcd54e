package dev.corten.api.wire;

import dev.corten.engine.image.GraphView;
import dev.corten.engine.image.Histories;
import dev.corten.engine.image.PlatformView;
import dev.corten.engine.pull.Pulls;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import dev.corten.model.image.Removal;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Images: inspect, list, delete, and the messages of long operations.
public final class ImageJson {
    private ImageJson() {}

    // ---- inspect -------------------------------------------------------------------------------

    /// @param graph where the top layer lies
    /// @param origin where it came from
    /// @param maker the container that it was committed from; versions from 1.45 on do not tell of it
    public static Json.Document inspect(
            Image image, GraphView graph, Origin origin, Maker maker, ApiVersion version) {
        return Json.object(o -> {
            o.text("Id", image.id().toString())
                    .texts("RepoTags", names(image.repoTags()))
                    .texts("RepoDigests", names(image.repoDigests()))
                    .text("Parent", image.parent().map(Digest::toString).orElse(""))
                    .text("Comment", image.comment());
            writeCreated(o, image.created(), version);
            if (!version.atLeast(45)) {
                o.textIfAny("Container", maker.container());
                if (maker.config() == null) {
                    o.object("ContainerConfig", ImageJson::writeNoContainer);
                } else {
                    o.plain("ContainerConfig", maker.config());
                }
            }
            o.text("DockerVersion", image.dockerVersion())
                    .text("Author", image.author())
                    .text("Architecture", image.platform().architecture())
                    .textIfAny("Variant", image.platform().variant())
                    .text("Os", image.platform().os())
                    .textIfAny("OsVersion", image.osVersion())
                    .number("Size", image.size());
            if (!version.atLeast(44)) {
                o.number("VirtualSize", image.size());
            }
            o.object("GraphDriver", g -> ContainerJson.writeGraph(g, graph))
                    .object(
                            "RootFS",
                            r ->
                                    r.text("Type", "layers")
                                            .textsIfAny(
                                                    "Layers",
                                                    image.diffIds().stream()
                                                            .map(Digest::toString)
                                                            .toList()))
                    .object(
                            "Metadata",
                            m -> m.time("LastTagTime", image.lastTagTime().orElse(GoTime.ZERO)));
            writeOrigin(o, origin);
            o.object("Config", c -> writeConfig(c, image.config(), version));
        });
    }

    /// The container that an image was committed from, as its document has it: that of the classic
    /// builder names one.
    ///
    /// @param container its ID, or `""`
    public record Maker(String container, @Nullable Object config) {
        public static final Maker NOBODY = new Maker("", null);

        /// @param document the configuration document
        public static Maker of(byte[] document) {
            return JsonInput.parseDocument(document) instanceof Map<?, ?> members
                            && members.get("container") instanceof String container
                    ? new Maker(container, members.get("container_config"))
                    : NOBODY;
        }
    }

    /// Where an image came from, as far as somebody asked and the version knows it.
    ///
    /// @param manifests those behind its name; null if nobody asked
    public record Origin(Optional<Descriptor> descriptor, @Nullable List<PlatformView> manifests) {
        public static final Origin UNTOLD = new Origin(Optional.empty(), null);
    }

    private static void writeOrigin(Json out, Origin origin) {
        origin.descriptor().ifPresent(d -> out.object("Descriptor", o -> writeDescriptor(o, d)));
        List<PlatformView> manifests = origin.manifests();
        if (manifests != null && !manifests.isEmpty()) {
            out.objects("Manifests", manifests, ImageJson::writeManifest);
        }
    }

    private static void writeManifest(Json out, PlatformView view) {
        boolean image = view.subject().isEmpty();
        out.text("ID", view.manifest().digest().toString())
                .object("Descriptor", d -> writeDescriptor(d, view.manifest()))
                .flag("Available", view.available())
                .object(
                        "Size",
                        s ->
                                s.number("Content", view.contentBytes())
                                        .number(
                                                "Total",
                                                view.contentBytes() + view.unpackedBytes()))
                .text("Kind", image ? "image" : "attestation");
        if (image) {
            Platform platform = view.platform().orElse(new Platform("", "", ""));
            List<String> containers = view.containers().stream().map(ContainerId::hex).toList();
            out.object(
                    "ImageData",
                    i ->
                            i.object("Platform", p -> writePlatform(p, platform))
                                    .object("Size", s -> s.number("Unpacked", view.unpackedBytes()))
                                    .texts("Containers", containers));
        } else {
            out.object(
                    "AttestationData",
                    a -> a.text("For", view.subject().map(Digest::toString).orElse("")));
        }
    }

    private static void writeCreated(Json out, Optional<Instant> created, ApiVersion version) {
        if (created.isPresent() || !version.atLeast(44)) {
            out.time("Created", created.orElse(GoTime.ZERO));
        }
    }

    /// The container that an image was committed from: builders leave none any more.
    private static void writeNoContainer(Json out) {
        out.text("Hostname", "")
                .text("Domainname", "")
                .text("User", "")
                .flag("AttachStdin", false)
                .flag("AttachStdout", false)
                .flag("AttachStderr", false)
                .flag("Tty", false)
                .flag("OpenStdin", false)
                .flag("StdinOnce", false)
                .none("Env")
                .none("Cmd")
                .text("Image", "")
                .none("Volumes")
                .text("WorkingDir", "")
                .none("Entrypoint")
                .none("OnBuild")
                .none("Labels");
    }

    /// In the order of the keys. Versions before 1.50 also had what images never set.
    private static void writeConfig(Json out, ImageConfig config, ApiVersion version) {
        boolean full = !version.atLeast(50);
        out.flagIfTrue("ArgsEscaped", config.argsEscaped());
        if (full) {
            out.flag("AttachStderr", false).flag("AttachStdin", false).flag("AttachStdout", false);
        }
        // What is empty is as if it were not there, as everywhere where Docker has OCI's form.
        out.texts("Cmd", some(config.cmd()));
        if (full) {
            out.text("Domainname", "");
        }
        out.texts("Entrypoint", some(config.entrypoint())).texts("Env", some(config.env()));
        if (config.exposedPorts() != null && !config.exposedPorts().isEmpty()) {
            out.set("ExposedPorts", config.exposedPorts());
        }
        if (config.healthcheck() != null) {
            ConfigJson.writeHealth(out, config.healthcheck());
        }
        if (full) {
            out.text("Hostname", "").text("Image", "");
        }
        Map<String, String> labels = config.labels();
        out.map("Labels", labels == null || labels.isEmpty() ? null : labels)
                .texts("OnBuild", some(config.onBuild()));
        if (full) {
            out.flag("OpenStdin", false);
        }
        out.textsIfAny("Shell", config.shell());
        if (full) {
            out.flag("StdinOnce", false);
        }
        out.textIfAny("StopSignal", config.stopSignal());
        if (full) {
            out.flag("Tty", false);
        }
        out.text("User", config.user())
                .set("Volumes", some(config.volumes()))
                .text("WorkingDir", config.workingDir());
    }

    private static <T extends Collection<String>> @Nullable T some(@Nullable T texts) {
        return texts == null || texts.isEmpty() ? null : texts;
    }

    private static List<String> names(List<Reference> references) {
        return references.stream().map(Reference::familiar).toList();
    }

    // ---- list, delete --------------------------------------------------------------------------

    /// One element of the list.
    ///
    /// @param usage its containers are only told to versions that know them
    /// @param origin where it came from
    public static void writeSummary(
            Json out, Image image, ImageUsage usage, Origin origin, ApiVersion version) {
        List<String> tags = names(image.repoTags());
        List<String> digests = names(image.repoDigests());
        if (version.atLeast(43)) {
            writeSummary(out, image, tags, digests, usage, origin, version);
        } else if (tags.isEmpty() && digests.isEmpty()) {
            writeSummary(
                    out,
                    image,
                    List.of("<none>:<none>"),
                    List.of("<none>@<none>"),
                    usage,
                    origin,
                    version);
        } else {
            writeSummary(out, image, orNull(tags), orNull(digests), usage, origin, version);
        }
    }

    /// One element of `system/df`: without names there is null.
    public static void writeUsage(Json out, Image image, ImageUsage usage, ApiVersion version) {
        List<String> tags = orNull(names(image.repoTags()));
        writeSummary(
                out,
                image,
                tags,
                orNull(names(image.repoDigests())),
                usage,
                Origin.UNTOLD,
                version);
    }

    private static @Nullable List<String> orNull(List<String> names) {
        return names.isEmpty() ? null : names;
    }

    private static void writeSummary(
            Json out,
            Image image,
            @Nullable List<String> tags,
            @Nullable List<String> digests,
            ImageUsage usage,
            Origin origin,
            ApiVersion version) {
        out.number("Containers", usage.containers())
                .number("Created", image.created().map(Instant::getEpochSecond).orElse(0L))
                .text("Id", image.id().toString())
                .map("Labels", image.config().labels())
                .text("ParentId", image.parent().map(Digest::toString).orElse(""));
        writeOrigin(out, origin);
        out.texts("RepoDigests", digests)
                .texts("RepoTags", tags)
                .number("SharedSize", usage.sharedBytes())
                .number("Size", image.size());
        if (!version.atLeast(44)) {
            out.number("VirtualSize", image.size());
        }
    }

    public static Json.Document removed(List<Removal> removals) {
        return Json.array(removals, ImageJson::writeRemoval);
    }

    /// The answer to a prune.
    public static Json.Document pruned(List<Removal> removals, long bytes) {
        return Json.object(o ->
                o.objects(
                                "ImagesDeleted",
                                removals.isEmpty() ? null : removals,
                                ImageJson::writeRemoval)
                        .number("SpaceReclaimed", bytes));
    }

    private static void writeRemoval(Json out, Removal removal) {
        switch (removal) {
            case Removal.Untagged(Reference name) -> out.text("Untagged", name.familiar());
            case Removal.Deleted(Digest digest) -> out.text("Deleted", digest.toString());
        }
    }

    /// The answer to `/distribution`.
    public static Json.Document distributed(Pulls.Distributed found) {
        return Json.object(o ->
                o.object("Descriptor", d -> writeDescriptor(d, found.descriptor()))
                        .objects("Platforms", found.platforms(), ImageJson::writePlatform));
    }

    private static void writeDescriptor(Json out, Descriptor descriptor) {
        out.text("mediaType", descriptor.mediaType())
                .text("digest", descriptor.digest().toString())
                .number("size", descriptor.size());
        if (!descriptor.annotations().isEmpty()) {
            out.map("annotations", descriptor.annotations());
        }
        descriptor.platform().ifPresent(p -> out.object("platform", o -> writePlatform(o, p)));
    }

    private static void writePlatform(Json out, Platform platform) {
        out.text("architecture", platform.architecture())
                .text("os", platform.os())
                .textIfAny("variant", platform.variant());
    }

    // ---- history -------------------------------------------------------------------------------

    public static void writeStep(Json out, Histories.Step step) {
        List<String> tags = names(step.tags());
        out.text("Comment", step.history().comment())
                .number("Created", step.history().created().map(Instant::getEpochSecond).orElse(0L))
                .text("CreatedBy", step.history().createdBy())
                .text("Id", step.image().map(Digest::toString).orElse("<missing>"))
                .number("Size", step.size())
                .texts("Tags", orNull(tags));
    }

    // ---- progress ------------------------------------------------------------------------------

    /// `{"stream":"Loaded image: x\n"}`
    public static byte[] stream(String text) {
        return Json.escapedObject(o -> o.text("stream", text)).message();
    }

    public static byte[] status(String text) {
        return Json.escapedObject(o -> o.text("status", text)).message();
    }

    /// Of something that is no layer.
    ///
    /// @param id `""` if it is about all of it
    public static byte[] note(String text, String id) {
        return Json.escapedObject(o -> o.text("status", text).textIfAny("id", id)).message();
    }

    public static byte[] status(String text, String id) {
        return Json.escapedObject(o ->
                        o.text("status", text).object("progressDetail", _ -> {}).text("id", id))
                .message();
    }

    public static byte[] progress(String text, String id, long current, long total) {
        return Json.escapedObject(o ->
                        o.text("status", text)
                                .object(
                                        "progressDetail",
                                        d ->
                                                d.numberIfAny("current", current)
                                                        .numberIfAny("total", total))
                                .text("progress", Progress.bar(current, total))
                                .text("id", id))
                .message();
    }

    /// The image that a stage of a build has come to.
    public static byte[] stage(Digest image) {
        return Json.escapedObject(o -> o.object("aux", a -> a.text("ID", image.toString())))
                .message();
    }

    /// What ends the stream of a build that has failed.
    ///
    /// @param code of the command that failed; 0 if none did
    public static byte[] failure(String message, int code) {
        return Json.escapedObject(o ->
                        o.object(
                                        "errorDetail",
                                        d -> d.numberIfAny("code", code).text("message", message))
                                .text("error", message))
                .message();
    }

    /// What ends a stream that cannot go on.
    public static byte[] failure(String message) {
        return Json.escapedObject(o ->
                        o.object("errorDetail", d -> d.text("message", message))
                                .text("error", message))
                .message();
    }
}
