package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import dev.corten.store.snapshot.ChainId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/// All images at one moment. Immutable.
final class Catalog {
    static final Catalog EMPTY = new Catalog(Repositories.EMPTY, Map.of(), diffIds -> 0);

    private final Repositories names;
    private final Map<Digest, ImageDocument> documents;
    private final Map<Digest, Image> images;

    private final ToLongFunction<List<Digest>> size;

    /// @param size bytes of the layers with these diff IDs
    Catalog(
            Repositories names,
            Map<Digest, ImageDocument> documents,
            ToLongFunction<List<Digest>> size) {
        this(names, documents, size, Map.of());
    }

    /// @param images those that are as they were
    private Catalog(
            Repositories names,
            Map<Digest, ImageDocument> documents,
            ToLongFunction<List<Digest>> size,
            Map<Digest, Image> images) {
        this.names = names;
        this.documents = Map.copyOf(documents);
        this.size = size;
        var named = new HashMap<Digest, List<Reference>>();
        names.names()
                .forEach((name, id) -> {
                    if (!images.containsKey(id)) {
                        named.computeIfAbsent(id, _ -> new ArrayList<>()).add(name);
                    }
                });
        var byId = new HashMap<>(images);
        documents.forEach((id, d) -> {
            if (!images.containsKey(id)) {
                byId.put(id, image(id, d, named.getOrDefault(id, List.of()), names, size));
            }
        });
        this.images = Map.copyOf(byId);
    }

    /// A later state: images of which nothing has changed are taken over, so that a change costs
    /// little where there are many.
    Catalog with(Repositories newNames, Map<Digest, ImageDocument> newDocuments) {
        Set<Digest> touched = names.differing(newNames);
        var same = new HashMap<>(images);
        same.keySet().removeAll(touched);
        // The document of an ID is always the same.
        same.keySet().retainAll(newDocuments.keySet());
        return new Catalog(newNames, newDocuments, size, same);
    }

    /// What a document describes, without a name.
    static Image unnamed(Digest id, ImageDocument document) {
        return image(id, document, List.of(), Repositories.EMPTY, _ -> 0);
    }

    private static Image image(
            Digest id,
            ImageDocument document,
            List<Reference> own,
            Repositories names,
            ToLongFunction<List<Digest>> size) {
        var tags = new ArrayList<Reference>();
        var digests = new ArrayList<Reference>();
        for (Reference name :
                own.stream().sorted(Comparator.comparing(Reference::toString)).toList()) {
            (name.digest().isPresent() ? digests : tags).add(name);
        }
        List<Digest> chain = ChainId.of(document.diffIds());
        Repositories.Facts facts = names.facts(id);
        return new Image(
                id,
                tags,
                digests,
                facts.parent(),
                document.comment(),
                document.created(),
                document.author(),
                document.dockerVersion(),
                document.platform(),
                document.osVersion(),
                size.applyAsLong(document.diffIds()),
                document.diffIds(),
                chain.isEmpty() ? Optional.empty() : Optional.of(chain.getLast()),
                document.config(),
                document.history(),
                facts.lastTagTime());
    }

    Repositories names() {
        return names;
    }

    Map<Digest, ImageDocument> documents() {
        return documents;
    }

    Collection<Image> images() {
        return images.values();
    }

    Optional<Image> find(Digest id) {
        return Optional.ofNullable(images.get(id));
    }

    Optional<Image> find(String nameOrId) {
        if (nameOrId.matches("(sha256:)?[0-9a-f]{64}")) {
            String hex = nameOrId.substring(nameOrId.length() - 64);
            return find(new Digest(hex));
        }
        try {
            var byName = names.find(name(nameOrId));
            if (byName.isPresent()) {
                return find(byName.get());
            }
        } catch (InvalidParameter notAName) {
            // it may still begin an ID
        }
        return findByPrefix(nameOrId);
    }

    /// The name that a text means: where it has a digest, its tag says nothing more.
    static Reference name(String text) {
        Reference name = Reference.parse(text).orLatest();
        return name.digest().isPresent()
                ? new Reference(name.domain(), name.path(), Optional.empty(), name.digest())
                : name;
    }

    private Optional<Image> findByPrefix(String text) {
        String prefix = text.startsWith("sha256:") ? text.substring(7) : text;
        if (!prefix.matches("[0-9a-f]{1,64}")) {
            return Optional.empty();
        }
        List<Image> found =
                images.values().stream().filter(i -> i.id().hex().startsWith(prefix)).toList();
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }
}
