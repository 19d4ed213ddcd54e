package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.Release;
import dev.corten.model.image.History;
import dev.corten.model.image.ImageConfig;
import dev.corten.store.document.Json;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// An image that a build has made. Its document is made of nothing but what is here: the same
/// members, the same bytes, the same ID.
///
/// @param platform with the version of the system beside it, as the base image has it
/// @param diffIds of all layers, lowest first
/// @param history of all steps, those of the base image first
/// @param parent the image that the last step began with, if that is an image here
/// @param names it gets
/// @param classic the step of a classic build, whose documents look different
public record BuiltImage(
        Platform platform,
        String osVersion,
        ImageConfig config,
        List<Digest> diffIds,
        List<History> history,
        Optional<Instant> created,
        String author,
        Optional<Digest> parent,
        List<Reference> names,
        Optional<ClassicStep> classic) {
    public BuiltImage {
        diffIds = List.copyOf(diffIds);
        history = List.copyOf(history);
        names = List.copyOf(names);
        if (diffIds.size() > ImageDocument.MAX_LAYERS) {
            throw new InvalidParameter("max depth exceeded");
        }
    }

    /// In what container a step was carried out.
    ///
    /// @param container its whole ID
    /// @param command of it: `/bin/sh`, `-c`, `#(nop) `, `CMD ["sh"]`
    public record ClassicStep(String container, List<String> command) {
        public ClassicStep {
            command = List.copyOf(command);
        }
    }

    /// What it is called once it is stored.
    public Digest id() {
        return Digest.of(document());
    }

    /// Its configuration document.
    public byte[] document() {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("architecture", platform.architecture());
        ImageDocument.putText(json, "author", author);
        if (classic.isPresent()) {
            ClassicStep step = classic.get();
            json.set("config", classic("", config.cmd(), config.labels()));
            json.put("container", step.container());
            var labels = config.labels();
            json.set(
                    "container_config",
                    classic(
                            step.container().substring(0, 12),
                            step.command(),
                            labels == null ? Map.of() : labels));
        } else {
            json.set("config", plain());
        }
        created.ifPresent(time -> json.put("created", ImageDocument.time(time)));
        if (classic.isPresent()) {
            json.put("docker_version", Release.DOCKER_VERSION);
        }
        ImageDocument.putHistory(json, history);
        json.put("os", platform.os());
        ImageDocument.putText(json, "os.version", osVersion);
        ImageDocument.putLayers(json, diffIds);
        ImageDocument.putText(json, "variant", platform.variant());
        return Json.MAPPER.writeValueAsBytes(json);
    }

    Images.NewImage stored() {
        byte[] bytes = document();
        return new Images.NewImage(
                        Digest.of(bytes),
                        bytes,
                        ImageDocument.parse("image configuration", bytes),
                        names)
                .withParent(parent);
    }

    /// A configuration as the OCI image specification orders it, Docker's additions at the end.
    private ObjectNode plain() {
        ObjectNode node = Json.MAPPER.createObjectNode();
        ImageDocument.putText(node, "User", config.user());
        ImageDocument.putKeys(node, "ExposedPorts", some(config.exposedPorts()));
        ImageDocument.putTexts(node, "Env", some(config.env()));
        ImageDocument.putTexts(node, "Entrypoint", some(config.entrypoint()));
        ImageDocument.putTexts(node, "Cmd", some(config.cmd()));
        ImageDocument.putKeys(node, "Volumes", some(config.volumes()));
        ImageDocument.putText(node, "WorkingDir", config.workingDir());
        var labels = config.labels();
        ImageDocument.putMap(
                node, "Labels", labels == null || labels.isEmpty() ? null : new TreeMap<>(labels));
        ImageDocument.putText(node, "StopSignal", config.stopSignal());
        if (config.argsEscaped()) {
            node.put("ArgsEscaped", true);
        }
        ImageDocument.putHealth(node, config.healthcheck());
        ImageDocument.putTexts(node, "OnBuild", some(config.onBuild()));
        ImageDocument.putTexts(node, "Shell", some(config.shell()));
        return node;
    }

    private static <C extends Collection<?>> @Nullable C some(@Nullable C values) {
        return values == null || values.isEmpty() ? null : values;
    }

    /// A configuration as that of a container is written.
    private ObjectNode classic(
            String hostname, @Nullable List<String> command, @Nullable Map<String, String> labels) {
        ObjectNode node = Json.MAPPER.createObjectNode();
        node.put("Hostname", hostname);
        node.put("Domainname", "");
        node.put("User", config.user());
        node.put("AttachStdin", false);
        node.put("AttachStdout", false);
        node.put("AttachStderr", false);
        ImageDocument.putKeys(node, "ExposedPorts", some(config.exposedPorts()));
        node.put("Tty", false);
        node.put("OpenStdin", false);
        node.put("StdinOnce", false);
        putTexts(node, "Env", config.env());
        putTexts(node, "Cmd", command);
        ImageDocument.putHealth(node, config.healthcheck());
        if (config.argsEscaped()) {
            node.put("ArgsEscaped", true);
        }
        node.put("Image", parent.map(Digest::toString).orElse(""));
        node.putNull("Volumes");
        ImageDocument.putKeys(node, "Volumes", config.volumes());
        node.put("WorkingDir", config.workingDir());
        putTexts(node, "Entrypoint", config.entrypoint());
        putTexts(node, "OnBuild", config.onBuild());
        node.putNull("Labels");
        ImageDocument.putMap(node, "Labels", labels == null ? null : new TreeMap<>(labels));
        ImageDocument.putText(node, "StopSignal", config.stopSignal());
        ImageDocument.putTexts(node, "Shell", some(config.shell()));
        return node;
    }

    private static void putTexts(ObjectNode node, String name, @Nullable List<String> values) {
        if (values == null) {
            node.putNull(name);
        } else {
            ArrayNode array = node.putArray(name);
            values.forEach(array::add);
        }
    }
}
