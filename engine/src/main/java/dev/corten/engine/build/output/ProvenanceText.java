package dev.corten.engine.build.output;

import dev.corten.build.graph.PlannedStage;
import dev.corten.build.graph.PlannedStep;
import dev.corten.engine.build.output.ExportRequest.Invocation;
import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.image.Descriptor;
import dev.corten.store.document.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Says how a result came about, as SLSA's predicates and BuildKit's reading of them have it.
final class ProvenanceText {
    private static final String BUILD_TYPE = "https://mobyproject.org/buildkit@v1";
    private static final String BUILD_TYPE_1 =
            "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md";

    private final ProvenanceOptions options;
    private final Invocation invocation;
    private final Optional<Instant> epoch;

    /// @param epoch stands for all times, so that the same input gives the same text
    ProvenanceText(ProvenanceOptions options, Invocation invocation, Optional<Instant> epoch) {
        this.options = options;
        this.invocation = invocation;
        this.epoch = epoch;
    }

    /// @param layers of the result, if it is an image
    /// @param end of the build
    ObjectNode predicate(Finished result, List<Descriptor> layers, Instant end) {
        return options.version().equals("v1")
                ? one(result, layers, end)
                : zeroTwo(result, layers, end);
    }

    /// What `--metadata-file` has of it: nothing that is another one each time.
    ObjectNode summary(Finished result) {
        ObjectNode predicate = begun(result);
        predicate.set("invocation", invocation());
        return predicate;
    }

    private ObjectNode begun(Finished result) {
        ObjectNode predicate = Json.MAPPER.createObjectNode();
        predicate.putObject("builder").put("id", options.builder());
        predicate.put("buildType", BUILD_TYPE);
        materials(predicate, "materials", result);
        return predicate;
    }

    // --- v0.2

    private ObjectNode zeroTwo(Finished result, List<Descriptor> layers, Instant end) {
        ObjectNode predicate = begun(result);
        predicate.set("invocation", invocation());
        ObjectNode metadata = predicate.putObject("metadata");
        metadata.put("buildInvocationID", invocationId(result, end));
        metadata.put("buildStartedOn", time(epoch.orElse(invocation.started())));
        metadata.put("buildFinishedOn", time(epoch.orElse(end)));
        ObjectNode completeness = metadata.putObject("completeness");
        completeness.put("parameters", true);
        completeness.put("environment", true);
        completeness.put("materials", false);
        metadata.put("reproducible", options.reproducible());
        metadata.set(BUILD_TYPE + "#metadata", details(result, layers));
        return predicate;
    }

    private ObjectNode invocation() {
        ObjectNode node = Json.MAPPER.createObjectNode();
        ObjectNode source = node.putObject("configSource");
        invocation.contextUri().ifPresent(uri -> source.put("uri", uri));
        source.put("entryPoint", invocation.dockerfileName());
        node.set("parameters", parameters());
        node.putObject("environment").put("platform", Platform.host().toString());
        return node;
    }

    private ObjectNode parameters() {
        ObjectNode parameters = Json.MAPPER.createObjectNode();
        parameters.put("frontend", "dockerfile.v0");
        var arguments = new TreeMap<String, String>();
        if (options.max()) {
            invocation
                    .arguments()
                    .forEach((key, value) -> arguments.put("build-arg:" + key, value));
            invocation.labels().forEach((key, value) -> arguments.put("label:" + key, value));
            if (!invocation.target().isEmpty()) {
                arguments.put("target", invocation.target());
            }
        }
        if (!arguments.isEmpty()) {
            ObjectNode members = parameters.putObject("args");
            arguments.forEach(members::put);
        }
        var locals = new ArrayList<String>();
        if (invocation.contextUri().isEmpty()) {
            locals.add("context");
            locals.add("dockerfile");
        }
        locals.addAll(invocation.contexts());
        if (!locals.isEmpty()) {
            ArrayNode array = parameters.putArray("locals");
            locals.stream().sorted().forEach(name -> array.addObject().put("name", name));
        }
        return parameters;
    }

    // --- v1

    private ObjectNode one(Finished result, List<Descriptor> layers, Instant end) {
        ObjectNode predicate = Json.MAPPER.createObjectNode();
        ObjectNode definition = predicate.putObject("buildDefinition");
        definition.put("buildType", BUILD_TYPE_1);
        materials(definition, "resolvedDependencies", result);
        ObjectNode external = definition.putObject("externalParameters");
        ObjectNode source = external.putObject("configSource");
        invocation.contextUri().ifPresent(uri -> source.put("uri", uri));
        source.put("path", invocation.dockerfileName());
        external.set("request", parameters());
        definition
                .putObject("internalParameters")
                .put("builderPlatform", Platform.host().toString());
        ObjectNode run = predicate.putObject("runDetails");
        run.putObject("builder").put("id", options.builder());
        ObjectNode metadata = run.putObject("metadata");
        metadata.put("invocationId", invocationId(result, end));
        metadata.put("startedOn", time(epoch.orElse(invocation.started())));
        metadata.put("finishedOn", time(epoch.orElse(end)));
        metadata.set("buildkit_metadata", details(result, layers));
        ObjectNode completeness = metadata.putObject("buildkit_completeness");
        completeness.put("request", true);
        completeness.put("resolvedDependencies", false);
        if (options.reproducible()) {
            metadata.put("buildkit_reproducible", true);
        }
        return predicate;
    }

    // --- both

    private static void materials(ObjectNode node, String name, Finished result) {
        if (result.materials().isEmpty()) {
            return;
        }
        ArrayNode array = node.putArray(name);
        result.materials().stream()
                .sorted()
                .distinct()
                .forEach(material -> {
                    ObjectNode each = array.addObject();
                    each.put("uri", material.uri());
                    ObjectNode digests = each.putObject("digest");
                    material.digests().forEach(digests::put);
                });
    }

    /// The Dockerfile, where each step stands in it, and the layers.
    private ObjectNode details(Finished result, List<Descriptor> layers) {
        ObjectNode details = Json.MAPPER.createObjectNode();
        if (!options.max()) {
            return details;
        }
        ObjectNode source = details.putObject("source");
        ObjectNode locations = source.putObject("locations");
        int step = 0;
        for (PlannedStage stage : result.plan().stages()) {
            for (PlannedStep planned : stage.steps()) {
                if (planned.vertex().isPresent()) {
                    ObjectNode range =
                            locations
                                    .putObject("step" + step++)
                                    .putArray("locations")
                                    .addObject()
                                    .putArray("ranges")
                                    .addObject();
                    var statement = planned.step().instruction().statement();
                    range.putObject("start").put("line", statement.firstLine());
                    range.putObject("end").put("line", statement.lastLine());
                }
            }
        }
        ObjectNode info = source.putArray("infos").addObject();
        info.put("filename", invocation.dockerfileName());
        info.put("language", "Dockerfile");
        info.put("data", Base64.getEncoder().encodeToString(invocation.dockerfile()));
        if (!layers.isEmpty() && step > 0) {
            ArrayNode chain =
                    details.putObject("layers").putArray("step" + (step - 1) + ":0").addArray();
            layers.forEach(layer -> Documents.write(chain.addObject(), layer.mediaType(), layer));
        }
        return details;
    }

    /// Another one for each build, unless the build is to be the same each time.
    private String invocationId(Finished result, Instant end) {
        String text = result.image().id() + (epoch.isPresent() ? "" : end.toString());
        return Digest.of(text.getBytes(StandardCharsets.US_ASCII)).hex().substring(0, 25);
    }

    /// As Go writes it: without zeros at the end.
    static String time(Instant time) {
        String text = Instant.ofEpochSecond(time.getEpochSecond()).toString();
        if (time.getNano() == 0) {
            return text;
        }
        String nanos = "%09d".formatted(time.getNano()).replaceAll("0+$", "");
        return text.substring(0, text.length() - 1) + "." + nanos + "Z";
    }
}
