package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.model.Reference;
import dev.corten.store.document.Json;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/// The names of images, and what else is known of an image that its configuration does not say.
/// Immutable.
///
/// On disk, `repositories.json`:
/// ```json
/// {"format":1,
///  "names":{"docker.io/library/busybox:latest":"sha256:…"},
///  "images":{"sha256:…":{"lastTagTime":"2026-01-02T03:04:05Z","parent":"sha256:…"}}}
/// ```
record Repositories(Map<Reference, Digest> names, Map<Digest, Facts> facts) {
    static final Repositories EMPTY = new Repositories(Map.of(), Map.of());
    private static final int FORMAT = 1;

    /// @param lastTagTime when it last got a name
    record Facts(Optional<Instant> lastTagTime, Optional<Digest> parent) {
        static final Facts NONE = new Facts(Optional.empty(), Optional.empty());
    }

    Repositories {
        names = Map.copyOf(names);
        facts = Map.copyOf(facts);
    }

    Optional<Digest> find(Reference name) {
        return Optional.ofNullable(names.get(name));
    }

    /// An image's names in the order of their text.
    List<Reference> of(Digest image) {
        return names.entrySet().stream()
                .filter(e -> e.getValue().equals(image))
                .map(Map.Entry::getKey)
                .sorted(Comparator.comparing(Reference::toString))
                .toList();
    }

    Facts facts(Digest image) {
        return facts.getOrDefault(image, Facts.NONE);
    }

    Repositories with(Reference name, Digest image, Instant now) {
        var newNames = new HashMap<>(names);
        newNames.put(name, image);
        var newFacts = new HashMap<>(facts);
        newFacts.put(image, new Facts(Optional.of(now), facts(image).parent()));
        return new Repositories(newNames, newFacts);
    }

    Repositories without(Reference name) {
        var newNames = new HashMap<>(names);
        newNames.remove(name);
        return new Repositories(newNames, facts);
    }

    /// What concerns other images is left out.
    Repositories onlyOf(Collection<Digest> images) {
        var newNames = new HashMap<>(names);
        newNames.values().retainAll(images);
        var newFacts = new HashMap<>(facts);
        newFacts.keySet().retainAll(images);
        return new Repositories(newNames, newFacts);
    }

    static Repositories read(byte[] bytes) throws IOException {
        Json json = Json.parse("repositories.json", bytes).requireObject();
        if (json.number("format") != FORMAT) {
            throw new IOException("repositories.json has an unknown format");
        }
        var names = new HashMap<Reference, Digest>();
        json.require("names")
                .members()
                .forEach((name, id) -> names.put(Reference.parse(name), id.asDigest()));
        var facts = new HashMap<Digest, Facts>();
        json.require("images")
                .members()
                .forEach((id, known) ->
                        facts.put(
                                Digest.parse(id),
                                new Facts(
                                        known.time("lastTagTime"),
                                        known.member("parent").map(Json::asDigest))));
        return new Repositories(names, facts);
    }

    byte[] write() {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("format", FORMAT);
        ObjectNode nameNode = json.putObject("names");
        var sortedNames = new TreeMap<String, Digest>();
        names.forEach((name, id) -> sortedNames.put(name.toString(), id));
        sortedNames.forEach((name, id) -> nameNode.put(name, id.toString()));
        ObjectNode imageNode = json.putObject("images");
        new TreeMap<>(facts)
                .forEach((id, known) -> {
                    ObjectNode node = imageNode.putObject(id.toString());
                    known.lastTagTime()
                            .ifPresent(t -> node.put("lastTagTime", ImageDocument.time(t)));
                    known.parent().ifPresent(p -> node.put("parent", p.toString()));
                });
        return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
    }
}
