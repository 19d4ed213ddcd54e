package dev.corten.store.artifact;

import dev.corten.model.Digest;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.store.document.Json;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `artifacts.json`:
/// ```json
/// {"format":1,
///  "artifacts":{"docker.io/team/model:1":
///               {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:…",
///                "size":9,"blobs":["sha256:…"]}}}
/// ```
/// Immutable; sorted by name.
record ArtifactList(TreeMap<String, Artifact> byName) {
    static final ArtifactList EMPTY = new ArtifactList(new TreeMap<>());
    private static final int FORMAT = 1;

    static ArtifactList read(byte[] bytes) throws IOException {
        Json json = Json.parseOwn("artifacts.json", bytes).requireObject();
        if (json.number("format") != FORMAT) {
            throw new IOException("artifacts.json has an unknown format");
        }
        var artifacts = new TreeMap<String, Artifact>();
        json.require("artifacts")
                .members()
                .forEach((name, known) -> artifacts.put(name, artifact(name, known)));
        return new ArtifactList(artifacts);
    }

    private static Artifact artifact(String name, Json json) {
        return new Artifact(
                Reference.parse(name),
                Descriptor.of(
                        json.text("mediaType"),
                        json.require("digest").asDigest(),
                        json.number("size")),
                json.require("blobs").elements().stream()
                        .map(Json::asDigest)
                        .collect(Collectors.toSet()));
    }

    byte[] write() {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("format", FORMAT);
        ObjectNode names = json.putObject("artifacts");
        byName.forEach((name, artifact) -> {
            ObjectNode node = names.putObject(name);
            node.put("mediaType", artifact.manifest().mediaType());
            node.put("digest", artifact.digest().toString());
            node.put("size", artifact.manifest().size());
            ArrayNode blobs = node.putArray("blobs");
            artifact.blobs().stream().sorted().forEach(digest -> blobs.add(digest.toString()));
        });
        return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
    }

    ArtifactList with(Artifact artifact) {
        var more = new TreeMap<>(byName);
        more.put(artifact.name().toString(), artifact);
        return new ArtifactList(more);
    }

    ArtifactList without(Map<String, Artifact> gone) {
        var fewer = new TreeMap<>(byName);
        fewer.keySet().removeAll(gone.keySet());
        return new ArtifactList(fewer);
    }

    /// Everything that belongs to one of them.
    Set<Digest> blobs() {
        var all = new HashSet<Digest>();
        byName.values()
                .forEach(artifact -> {
                    all.add(artifact.digest());
                    all.addAll(artifact.blobs());
                });
        return all;
    }
}
