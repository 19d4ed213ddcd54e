package dev.corten.store.image;

import dev.corten.model.Conflict;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import dev.corten.model.image.Removal;
import dev.corten.store.image.Images.Force;
import dev.corten.store.image.Images.Parents;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The rules of `docker rmi`, on a catalog in memory: nothing on disk changes here.
///
/// By name: the name goes, and with the last one the image. By ID: all names go, if they are of
/// one repository or it is forced. An image that others are built on or that a running container
/// uses cannot go; one that a stopped container uses goes only when forced.
final class ImageRemoval {
    private final Image image;
    private final String asked;
    private final Force force;
    private final Parents parents;
    private final ImageUse use;
    private final List<Removal> removals = new ArrayList<>();
    private final List<Digest> deleted = new ArrayList<>();
    private Catalog catalog;

    ImageRemoval(
            Catalog catalog,
            Image image,
            String asked,
            Force force,
            Parents parents,
            ImageUse use) {
        this.catalog = catalog;
        this.image = image;
        this.asked = asked;
        this.force = force;
        this.parents = parents;
        this.use = use;
    }

    List<Removal> removals() {
        return removals;
    }

    /// Images that are to go, children first.
    List<Digest> deleted() {
        return deleted;
    }

    Catalog after() {
        return catalog;
    }

    void run() {
        Set<Digest> before = catalog.names().companions();
        removeAsked();
        // What was here for other platforms of the name goes with it, unless somebody uses it.
        Set<Digest> after = catalog.names().companions();
        for (Digest companion : before) {
            if (!after.contains(companion) && catalog.documents().containsKey(companion)) {
                delete(companion, Force.NO, true);
            }
        }
    }

    private void removeAsked() {
        Digest id = image.id();
        if (isIdPrefix(id, asked)) {
            byId(id);
        } else if (!byName(id)) {
            return;
        }
        boolean quiet = !isIdPrefix(id, asked);
        delete(id, force, quiet);
    }

    /// @return whether the image itself has to go too
    private boolean byName(Digest id) {
        Reference name = Catalog.name(asked);
        List<Reference> names = catalog.names().of(id);
        if (force == Force.NO && isSingle(names)) {
            Optional<ImageUse.Use> user = use.of(id).stream().findFirst();
            if (user.isPresent()) {
                throw new Conflict(
                        "conflict: unable to remove repository reference \""
                                + asked
                                + "\" (must force) - container "
                                + user.get().container().shortHex()
                                + " is using its referenced image "
                                + id.shortHex());
            }
        }
        untag(List.of(name));
        if (name.digest().isEmpty() && tagsOf(id, name).isEmpty()) {
            // only digests of this repository are left: they go with its last tag
            untag(
                    catalog.names().of(id).stream()
                            .filter(other -> other.repository().equals(name.repository()))
                            .toList());
        }
        return catalog.names().of(id).isEmpty();
    }

    private List<Reference> tagsOf(Digest id, Reference repository) {
        return catalog.names().of(id).stream()
                .filter(n -> n.digest().isEmpty())
                .filter(n -> n.repository().equals(repository.repository()))
                .toList();
    }

    private void byId(Digest id) {
        List<Reference> names = catalog.names().of(id);
        if (isSingle(names)) {
            check(id, force, false).ifPresent(conflict -> throwing(conflict, id));
            untag(names);
        }
    }

    private void delete(Digest id, Force strength, boolean quiet) {
        if (quiet && !catalog.names().of(id).isEmpty()) {
            return; // a parent that somebody has a name for stays
        }
        Optional<Problem> problem = check(id, strength, true);
        if (problem.isPresent()) {
            boolean named = !catalog.names().of(id).isEmpty();
            boolean dangling = !named && children(id).isEmpty();
            if (quiet && (!dangling || problem.get().used)) {
                return;
            }
            throwing(problem.get(), id);
        }
        Optional<Digest> parent = catalog.names().facts(id).parent();
        untag(catalog.names().of(id));
        var documents = new HashMap<>(catalog.documents());
        documents.remove(id);
        deleted.add(id);
        removals.add(new Removal.Deleted(id));
        catalog = catalog.with(catalog.names().onlyOf(documents.keySet()), documents);
        if (parents == Parents.PRUNE && parent.isPresent() && documents.containsKey(parent.get())) {
            delete(parent.get(), Force.NO, true);
        }
    }

    /// All at once: an image may have thousands.
    private void untag(List<Reference> names) {
        if (!names.isEmpty()) {
            catalog = catalog.with(catalog.names().without(names), catalog.documents());
            names.forEach(name -> removals.add(new Removal.Untagged(name)));
        }
    }

    /// @param used by a container
    /// @param hard even force does not help
    private record Problem(boolean hard, boolean used, String message) {}

    private Optional<Problem> check(Digest id, Force strength, boolean severalNames) {
        if (!children(id).isEmpty()) {
            return Optional.of(new Problem(true, false, "image has dependent child images"));
        }
        List<ImageUse.Use> users = use.of(id);
        for (ImageUse.Use user : users) {
            if (user.running()) {
                return Optional.of(
                        new Problem(
                                true,
                                true,
                                "image is being used by running container "
                                        + user.container().shortHex()));
            }
        }
        if (strength == Force.YES) {
            return Optional.empty();
        }
        if (severalNames && !isSingle(catalog.names().of(id))) {
            return Optional.of(
                    new Problem(false, false, "image is referenced in multiple repositories"));
        }
        return users.stream()
                .findFirst()
                .map(user ->
                        new Problem(
                                false,
                                true,
                                "image is being used by stopped container "
                                        + user.container().shortHex()));
    }

    private List<Digest> children(Digest id) {
        return catalog.documents().keySet().stream()
                .filter(d -> catalog.names().facts(d).parent().equals(Optional.of(id)))
                .toList();
    }

    private static void throwing(Problem problem, Digest id) {
        throw new Conflict(
                "conflict: unable to delete "
                        + id.shortHex()
                        + " ("
                        + (problem.hard ? "cannot be forced" : "must be forced")
                        + ") - "
                        + problem.message);
    }

    /// One tag at most, and digests of its repository only.
    private static boolean isSingle(List<Reference> names) {
        if (names.size() <= 1) {
            return true;
        }
        long tags = names.stream().filter(n -> n.digest().isEmpty()).count();
        Set<Reference> repositories = new HashSet<>();
        names.forEach(n -> repositories.add(n.repository()));
        return tags <= 1 && repositories.size() == 1;
    }

    private boolean isIdPrefix(Digest id, String text) {
        boolean prefix = id.hex().startsWith(text) || id.toString().startsWith(text);
        if (!prefix) {
            return false;
        }
        try {
            // `rmi cafe` with an image of that name means the name
            return catalog.names().find(Catalog.name(text)).isEmpty();
        } catch (InvalidParameter notAName) {
            return true;
        }
    }
}
