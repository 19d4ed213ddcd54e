package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.container.HealthConfig;
import dev.corten.model.image.History;
import dev.corten.model.image.ImageConfig;
import dev.corten.store.document.Json;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// An image configuration (OCI image specification, "Image Configuration", with Docker's
/// additions) as read from its bytes, or to be written to some.
record ImageDocument(
        Optional<Instant> created,
        String author,
        String comment,
        String dockerVersion,
        Platform platform,
        String osVersion,
        ImageConfig config,
        List<Digest> diffIds,
        List<History> history) {
    /// Docker's bound: more lower directories than an overlay mount used to hold.
    static final int MAX_LAYERS = 127;

    /// A fraction of a second without zeros at its end, as Go writes it.
    private static final DateTimeFormatter GO =
            new DateTimeFormatterBuilder()
                    .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
                    .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
                    .appendLiteral('Z')
                    .toFormatter(Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    /// @param document what to call it in an error
    static ImageDocument parse(String document, byte[] bytes) {
        Json json = Json.parse(document, bytes).requireObject();
        Json rootfs = json.require("rootfs").requireObject();
        if (!rootfs.text("type").equals("layers")) {
            throw new InvalidParameter(document + ": rootfs is not of type layers");
        }
        List<Digest> diffIds =
                rootfs.member("diff_ids")
                        .map(ids -> ids.elements().stream().map(Json::asDigest).toList())
                        .orElse(List.of());
        if (diffIds.size() > MAX_LAYERS) {
            throw new InvalidParameter(
                    document + ": more than " + MAX_LAYERS + " layers: " + diffIds.size());
        }
        var history = new ArrayList<History>();
        for (Json step : json.member("history").map(Json::elements).orElse(List.of())) {
            history.add(
                    new History(
                            step.time("created"),
                            step.text("created_by"),
                            step.text("author"),
                            step.text("comment"),
                            step.flag("empty_layer")));
        }
        return new ImageDocument(
                json.time("created"),
                json.text("author"),
                json.text("comment"),
                json.text("docker_version"),
                new Platform(json.text("os"), json.text("architecture"), json.text("variant")),
                json.text("os.version"),
                json.member("config").map(ImageDocument::config).orElse(ImageConfig.EMPTY),
                diffIds,
                history);
    }

    private static ImageConfig config(Json json) {
        json.requireObject();
        var config = new ImageConfig.Editor();
        config.user = json.text("User");
        config.exposedPorts = json.keys("ExposedPorts");
        config.env = json.texts("Env");
        config.cmd = json.texts("Cmd");
        config.healthcheck = json.member("Healthcheck").map(ImageDocument::health).orElse(null);
        config.argsEscaped = json.flag("ArgsEscaped");
        config.volumes = json.keys("Volumes");
        config.workingDir = json.text("WorkingDir");
        config.entrypoint = json.texts("Entrypoint");
        config.onBuild = json.texts("OnBuild");
        config.labels = json.map("Labels");
        config.stopSignal = json.text("StopSignal");
        config.shell = json.texts("Shell");
        return config.done();
    }

    private static HealthConfig health(Json json) {
        json.requireObject();
        return new HealthConfig(
                json.texts("Test"),
                json.number("Interval"),
                json.number("Timeout"),
                json.number("StartPeriod"),
                json.number("StartInterval"),
                Math.clamp(json.number("Retries"), Integer.MIN_VALUE, Integer.MAX_VALUE));
    }

    /// The canonical bytes of a configuration made here: the same document, the same digest.
    byte[] write() {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("architecture", platform.architecture());
        putText(json, "author", author);
        putText(json, "comment", comment);
        json.set("config", configNode());
        created.ifPresent(time -> json.put("created", time(time)));
        putText(json, "docker_version", dockerVersion);
        putHistory(json, history);
        json.put("os", platform.os());
        putText(json, "os.version", osVersion);
        putLayers(json, diffIds);
        putText(json, "variant", platform.variant());
        return Json.MAPPER.writeValueAsBytes(json);
    }

    private ObjectNode configNode() {
        ObjectNode node = Json.MAPPER.createObjectNode();
        putText(node, "User", config.user());
        putKeys(node, "ExposedPorts", config.exposedPorts());
        putTexts(node, "Env", config.env());
        putTexts(node, "Entrypoint", config.entrypoint());
        putTexts(node, "Cmd", config.cmd());
        putHealth(node, config.healthcheck());
        if (config.argsEscaped()) {
            node.put("ArgsEscaped", true);
        }
        putKeys(node, "Volumes", config.volumes());
        putText(node, "WorkingDir", config.workingDir());
        putTexts(node, "OnBuild", config.onBuild());
        putMap(node, "Labels", config.labels());
        putText(node, "StopSignal", config.stopSignal());
        putTexts(node, "Shell", config.shell());
        return node;
    }

    static void putHistory(ObjectNode json, List<History> history) {
        ArrayNode steps = json.putArray("history");
        for (History step : history) {
            ObjectNode node = steps.addObject();
            step.created().ifPresent(time -> node.put("created", time(time)));
            putText(node, "created_by", step.createdBy());
            putText(node, "author", step.author());
            putText(node, "comment", step.comment());
            if (step.emptyLayer()) {
                node.put("empty_layer", true);
            }
        }
    }

    static void putLayers(ObjectNode json, List<Digest> diffIds) {
        ObjectNode rootfs = json.putObject("rootfs");
        rootfs.put("type", "layers");
        ArrayNode ids = rootfs.putArray("diff_ids");
        diffIds.forEach(id -> ids.add(id.toString()));
    }

    static void putHealth(ObjectNode node, @Nullable HealthConfig health) {
        if (health != null) {
            ObjectNode check = node.putObject("Healthcheck");
            putTexts(check, "Test", health.test());
            putNumber(check, "Interval", health.interval());
            putNumber(check, "Timeout", health.timeout());
            putNumber(check, "StartPeriod", health.startPeriod());
            putNumber(check, "StartInterval", health.startInterval());
            putNumber(check, "Retries", health.retries());
        }
    }

    static void putMap(ObjectNode node, String name, @Nullable Map<String, String> values) {
        if (values != null) {
            ObjectNode map = node.putObject(name);
            values.forEach(map::put);
        }
    }

    static void putText(ObjectNode node, String name, String value) {
        if (!value.isEmpty()) {
            node.put(name, value);
        }
    }

    private static void putNumber(ObjectNode node, String name, long value) {
        if (value != 0) {
            node.put(name, value);
        }
    }

    static void putTexts(ObjectNode node, String name, @Nullable List<String> values) {
        if (values != null) {
            ArrayNode array = node.putArray(name);
            values.forEach(array::add);
        }
    }

    static void putKeys(ObjectNode node, String name, @Nullable Collection<String> keys) {
        if (keys != null) {
            ObjectNode object = node.putObject(name);
            keys.forEach(object::putObject);
        }
    }

    static String time(Instant time) {
        return GO.format(time);
    }
}
