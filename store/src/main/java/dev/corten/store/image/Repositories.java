package dev.corten.store.image;

import static java.util.stream.Collectors.toSet;

import dev.corten.model.Digest;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.store.document.Json;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The names of images, and what else is known of an image that its configuration does not say.
/// Immutable.
///
/// On disk, `repositories.json`:
/// ```json
/// {"format":1,
///  "names":{"docker.io/library/busybox:latest":"sha256:…"},
///  "targets":{"docker.io/library/busybox:latest":
///             {"mediaType":"application/vnd.oci.image.index.v1+json","digest":"sha256:…","size":9}},
///  "images":{"sha256:…":{"lastTagTime":"2026-01-02T03:04:05Z","parent":"sha256:…",
///                        "manifests":["sha256:…"],"blobs":["sha256:…"]}},
///  "made":{"sha256:…":{"manifests":{"sha256:…":"sha256:…"},"blobs":["sha256:…"]}}}
/// ```
///
/// @param names what each is, by the image's ID
/// @param targets of names that came from elsewhere: the manifest or index that they stood for there
/// @param made those of the targets that were made here, see [ImageConversion]
record Repositories(
        Map<Reference, Digest> names,
        Map<Reference, Descriptor> targets,
        Map<Digest, Facts> facts,
        Map<Digest, Made> made) {
    static final Repositories EMPTY = new Repositories(Map.of(), Map.of(), Map.of());
    private static final int FORMAT = 1;

    /// @param lastTagTime when it last got a name
    /// @param manifests the documents that the image came with: its manifests, and indexes between
    ///     those and the targets of names; the latest last
    /// @param blobs what else is kept for it, so that it can be sent as it came: of its index what is
    ///     no image, and blobs of layers that were here already in another form
    record Facts(
            Optional<Instant> lastTagTime,
            Optional<Digest> parent,
            List<Digest> manifests,
            List<Digest> blobs) {
        static final Facts NONE =
                new Facts(Optional.empty(), Optional.empty(), List.of(), List.of());

        Facts {
            manifests = List.copyOf(manifests);
            blobs = List.copyOf(blobs);
        }
    }

    /// What belongs to a manifest or index that was made here. It goes with the last name that stands
    /// for it.
    ///
    /// @param manifests the manifest, or those of the index, and the image of each
    /// @param blobs the layers
    record Made(Map<Digest, Digest> manifests, Set<Digest> blobs) {
        Made {
            manifests = Map.copyOf(manifests);
            blobs = Set.copyOf(blobs);
        }

        private Stream<Digest> all() {
            return Stream.concat(manifests.keySet().stream(), blobs.stream());
        }
    }

    Repositories {
        names = Map.copyOf(names);
        targets = Map.copyOf(targets);
        facts = Map.copyOf(facts);
        made = stillNamed(made, targets);
    }

    Repositories(
            Map<Reference, Digest> names,
            Map<Reference, Descriptor> targets,
            Map<Digest, Facts> facts) {
        this(names, targets, facts, Map.of());
    }

    private static Map<Digest, Made> stillNamed(
            Map<Digest, Made> made, Map<Reference, Descriptor> targets) {
        if (made.isEmpty()) {
            return Map.of();
        }
        var named = new HashMap<>(made);
        named.keySet()
                .retainAll(targets.values().stream().map(Descriptor::digest).collect(toSet()));
        return Map.copyOf(named);
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

    Optional<Descriptor> target(Reference name) {
        return Optional.ofNullable(targets.get(name));
    }

    /// All documents that names and images refer to.
    Set<Digest> documents() {
        var documents = new HashSet<Digest>();
        targets.values().forEach(target -> documents.add(target.digest()));
        facts.values().forEach(known -> documents.addAll(known.manifests()));
        made.values().forEach(each -> each.all().forEach(documents::add));
        return documents;
    }

    /// Likewise, and the blobs that are kept for images.
    Set<Digest> kept() {
        Set<Digest> kept = documents();
        facts.values().forEach(known -> kept.addAll(known.blobs()));
        return kept;
    }

    /// Images without a name of their own that are there for another platform of a name: they came
    /// with the index that it stands for, and go when it goes.
    Set<Digest> companions() {
        Set<Digest> indexes = targets.values().stream().map(Descriptor::digest).collect(toSet());
        var named = new HashSet<>(names.values());
        Stream<Digest> came =
                facts.entrySet().stream()
                        .filter(known ->
                                known.getValue().manifests().stream().anyMatch(indexes::contains))
                        .map(Map.Entry::getKey);
        Stream<Digest> converted =
                made.values().stream().flatMap(each -> each.manifests().values().stream());
        return Stream.concat(came, converted)
                .filter(image -> !named.contains(image))
                .collect(toSet());
    }

    boolean isMade(Digest target) {
        return made.containsKey(target);
    }

    /// Names that stand for something made here of which this is a part.
    List<Reference> madeOf(Digest part) {
        return targets.entrySet().stream()
                .filter(entry -> {
                    Made parts = made.get(entry.getValue().digest());
                    return parts != null && parts.all().anyMatch(part::equals);
                })
                .map(Map.Entry::getKey)
                .toList();
    }

    /// Gives a name to an image of here, or moves it there.
    Repositories with(Reference name, Digest image, Optional<Descriptor> target, Instant now) {
        Editor editor = edit();
        editor.name(name, image, target, now);
        return editor.done();
    }

    /// Like [#with], for a name that came along with the image: that is no tagging.
    Repositories withPulled(Reference name, Digest image, Descriptor target) {
        Editor editor = edit();
        editor.pulled(name, image, target);
        return editor.done();
    }

    /// Notes the documents that an image came with.
    Repositories withManifests(Digest image, List<Digest> manifests) {
        Editor editor = edit();
        editor.manifests(image, manifests);
        return editor.done();
    }

    /// A copy that can be changed.
    Editor edit() {
        return new Editor(this);
    }

    /// Images that have other names here than there, or of which other facts are known.
    Set<Digest> differing(Repositories other) {
        var differing = new HashSet<Digest>();
        names.forEach((name, image) -> {
            if (!image.equals(other.names.get(name))) {
                differing.add(image);
            }
        });
        other.names.forEach((name, image) -> {
            if (!image.equals(names.get(name))) {
                differing.add(image);
            }
        });
        facts.forEach((image, known) -> {
            if (!known.equals(other.facts.get(image))) {
                differing.add(image);
            }
        });
        other.facts.forEach((image, known) -> {
            if (!known.equals(facts.get(image))) {
                differing.add(image);
            }
        });
        return differing;
    }

    /// [Repositories] under construction: many changes for the price of one.
    static final class Editor {
        private final Map<Reference, Digest> names;
        private final Map<Reference, Descriptor> targets;
        private final Map<Digest, Facts> facts;
        private final Map<Digest, Made> made;

        private Editor(Repositories before) {
            names = new HashMap<>(before.names);
            targets = new HashMap<>(before.targets);
            facts = new HashMap<>(before.facts);
            made = new HashMap<>(before.made);
        }

        Optional<Digest> find(Reference name) {
            return Optional.ofNullable(names.get(name));
        }

        private Facts facts(Digest image) {
            return facts.getOrDefault(image, Facts.NONE);
        }

        void name(Reference name, Digest image, Optional<Descriptor> target, Instant now) {
            Facts known = facts(image);
            facts.put(
                    image,
                    new Facts(Optional.of(now), known.parent(), known.manifests(), known.blobs()));
            names.put(name, image);
            targets.remove(name);
            target.ifPresent(t -> targets.put(name, t));
        }

        void pulled(Reference name, Digest image, Descriptor target) {
            names.put(name, image);
            targets.put(name, target);
        }

        /// Notes the documents that an image came with.
        void manifests(Digest image, List<Digest> manifests) {
            came(image, manifests, List.of());
        }

        /// Notes the documents that an image came with, and what else is kept for it.
        void came(Digest image, List<Digest> manifests, List<Digest> blobs) {
            if (manifests.isEmpty() && blobs.isEmpty()) {
                return;
            }
            Facts known = facts(image);
            facts.put(
                    image,
                    new Facts(
                            known.lastTagTime(),
                            known.parent(),
                            joined(known.manifests(), manifests),
                            joined(known.blobs(), blobs)));
        }

        private static List<Digest> joined(List<Digest> known, List<Digest> latest) {
            var all = new LinkedHashSet<>(known);
            all.removeAll(latest);
            all.addAll(latest);
            return List.copyOf(all);
        }

        /// Notes what an image was made from.
        void parent(Digest image, Digest parent) {
            Facts known = facts(image);
            facts.put(
                    image,
                    new Facts(
                            known.lastTagTime(),
                            Optional.of(parent),
                            known.manifests(),
                            known.blobs()));
        }

        /// Notes what belongs to a target that was made here.
        void made(Digest target, Made parts) {
            made.put(target, parts);
        }

        Repositories done() {
            return new Repositories(names, targets, facts, made);
        }
    }

    Repositories without(Collection<Reference> gone) {
        var newNames = new HashMap<>(names);
        gone.forEach(newNames::remove);
        var newTargets = new HashMap<>(targets);
        gone.forEach(newTargets::remove);
        return new Repositories(newNames, newTargets, facts, made);
    }

    /// What concerns other images is left out.
    Repositories onlyOf(Collection<Digest> images) {
        var newNames = new HashMap<>(names);
        newNames.values().retainAll(images);
        var newTargets = new HashMap<>(targets);
        newTargets.keySet().retainAll(newNames.keySet());
        var newFacts = new HashMap<>(facts);
        newFacts.keySet().retainAll(images);
        return new Repositories(newNames, newTargets, newFacts, made);
    }

    static Repositories read(byte[] bytes) throws IOException {
        Json json = Json.parseOwn("repositories.json", bytes).requireObject();
        if (json.number("format") != FORMAT) {
            throw new IOException("repositories.json has an unknown format");
        }
        var names = new HashMap<Reference, Digest>();
        json.require("names")
                .members()
                .forEach((name, id) -> names.put(Reference.parse(name), id.asDigest()));
        var targets = new HashMap<Reference, Descriptor>();
        json.member("targets")
                .map(Json::members)
                .orElse(Map.of())
                .forEach((name, target) -> targets.put(Reference.parse(name), target(target)));
        targets.keySet().retainAll(names.keySet());
        var facts = new HashMap<Digest, Facts>();
        json.require("images")
                .members()
                .forEach((id, known) ->
                        facts.put(
                                Digest.parse(id),
                                new Facts(
                                        known.time("lastTagTime"),
                                        known.member("parent").map(Json::asDigest),
                                        digests(known, "manifests"),
                                        digests(known, "blobs"))));
        var made = new HashMap<Digest, Made>();
        json.member("made")
                .map(Json::members)
                .orElse(Map.of())
                .forEach((target, parts) -> made.put(Digest.parse(target), made(parts)));
        return new Repositories(names, targets, facts, made);
    }

    private static Made made(Json json) {
        var manifests = new HashMap<Digest, Digest>();
        json.require("manifests")
                .members()
                .forEach((manifest, image) ->
                        manifests.put(Digest.parse(manifest), image.asDigest()));
        return new Made(
                manifests,
                json.require("blobs").elements().stream().map(Json::asDigest).collect(toSet()));
    }

    private static List<Digest> digests(Json json, String member) {
        return json.member(member).map(Json::elements).orElse(List.of()).stream()
                .map(Json::asDigest)
                .toList();
    }

    private static Descriptor target(Json json) {
        return Descriptor.of(
                json.text("mediaType"), json.require("digest").asDigest(), json.number("size"));
    }

    byte[] write() {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("format", FORMAT);
        ObjectNode nameNode = json.putObject("names");
        var sortedNames = new TreeMap<String, Digest>();
        names.forEach((name, id) -> sortedNames.put(name.toString(), id));
        sortedNames.forEach((name, id) -> nameNode.put(name, id.toString()));
        if (!targets.isEmpty()) {
            ObjectNode targetNode = json.putObject("targets");
            var sortedTargets = new TreeMap<String, Descriptor>();
            targets.forEach((name, target) -> sortedTargets.put(name.toString(), target));
            sortedTargets.forEach((name, target) -> {
                ObjectNode node = targetNode.putObject(name);
                node.put("mediaType", target.mediaType());
                node.put("digest", target.digest().toString());
                node.put("size", target.size());
            });
        }
        ObjectNode imageNode = json.putObject("images");
        new TreeMap<>(facts)
                .forEach((id, known) -> {
                    ObjectNode node = imageNode.putObject(id.toString());
                    known.lastTagTime()
                            .ifPresent(t -> node.put("lastTagTime", ImageDocument.time(t)));
                    known.parent().ifPresent(p -> node.put("parent", p.toString()));
                    write(node, "manifests", known.manifests());
                    write(node, "blobs", known.blobs());
                });
        if (!made.isEmpty()) {
            ObjectNode madeNode = json.putObject("made");
            new TreeMap<>(made)
                    .forEach((target, parts) -> {
                        ObjectNode node = madeNode.putObject(target.toString());
                        ObjectNode manifests = node.putObject("manifests");
                        new TreeMap<>(parts.manifests())
                                .forEach((manifest, image) ->
                                        manifests.put(manifest.toString(), image.toString()));
                        ArrayNode blobs = node.putArray("blobs");
                        parts.blobs().stream()
                                .sorted()
                                .forEach(digest -> blobs.add(digest.toString()));
                    });
        }
        return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
    }

    private static void write(ObjectNode node, String member, List<Digest> digests) {
        if (!digests.isEmpty()) {
            ArrayNode array = node.putArray(member);
            digests.forEach(digest -> array.add(digest.toString()));
        }
    }
}
