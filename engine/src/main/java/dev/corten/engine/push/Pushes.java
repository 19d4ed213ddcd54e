package dev.corten.engine.push;

import dev.corten.engine.event.Events;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.registry.client.RegistryClient;
import dev.corten.registry.client.Repository;
import dev.corten.store.image.Images;
import dev.corten.store.image.Images.StoredManifest;
import dev.corten.store.image.OutgoingImage;
import dev.corten.store.image.OutgoingImages;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/// Sends images to registries.
public final class Pushes {
    private final Images store;
    private final OutgoingImages outgoing;
    private final RegistryClient registries;
    private final IntSupplier limit;
    private final Events events;

    /// @param limit how many blobs of a push are sent beside each other; asked each time
    public Pushes(
            Images store,
            OutgoingImages outgoing,
            RegistryClient registries,
            IntSupplier limit,
            Events events) {
        this.store = store;
        this.outgoing = outgoing;
        this.registries = registries;
        this.limit = limit;
        this.events = events;
    }

    /// Sends an image, or all tags of a repository. When the calling thread is interrupted, it ends.
    ///
    /// @param out called by this thread
    /// @throws NotFound if there is no such image here, in Docker's words
    public void push(PushRequest request, Consumer<PushMessage> out)
            throws IOException, InterruptedException {
        Reference name = request.name();
        if (name.digest().isPresent()) {
            throw new InvalidParameter("cannot push a digest reference");
        }
        String repositoryName = name.domain() + "/" + name.path();
        out.accept(new PushMessage.Note("The push refers to repository [" + repositoryName + "]"));
        List<Reference> tags = tags(name);
        Repository repository = registries.push(name, request.credentials());
        repository.reach();
        for (Reference tag : tags) {
            one(repository, tag, request, out);
        }
        events.publish("image", "push", name.familiar(), Map.of("name", name.familiarRepository()));
    }

    private List<Reference> tags(Reference name) {
        List<Reference> known =
                store.list().stream()
                        .flatMap(image -> image.repoTags().stream())
                        .filter(tag -> tag.repository().equals(name.repository()))
                        .sorted(Comparator.comparing(Reference::toString))
                        .toList();
        if (known.isEmpty()) {
            throw new NotFound(
                    "An image does not exist locally with the tag: " + name.familiarRepository());
        }
        if (name.tag().isEmpty()) {
            return known;
        }
        if (!known.contains(name)) {
            throw new NotFound("tag does not exist: " + name.familiar());
        }
        return List.of(name);
    }

    private void one(
            Repository repository, Reference name, PushRequest request, Consumer<PushMessage> out)
            throws IOException, InterruptedException {
        try (OutgoingImage image = outgoing.of(name, request.platform())) {
            var blobs = new BlobPush(repository, store, limit.getAsInt());
            blobs.push(image, out);
            store.distribution().note(MountHints.of(image, name, request.credentials()));
            for (StoredManifest member : image.members()) {
                put(repository, member.descriptor().digest().toString(), member);
            }
            String tag = name.tag().orElse(Reference.DEFAULT_TAG);
            StoredManifest target = image.target();
            Descriptor descriptor = target.descriptor();
            put(repository, tag, target);
            store.pushed(image.image(), name.repository(), target);
            out.accept(
                    new PushMessage.Note(
                            tag
                                    + ": digest: "
                                    + descriptor.digest()
                                    + " size: "
                                    + descriptor.size()));
            out.accept(new PushMessage.Pushed(tag, descriptor.digest(), descriptor.size()));
            image.original()
                    .ifPresent(
                            index -> out.accept(new PushMessage.InsteadOfIndex(index, descriptor)));
        }
    }

    private static void put(Repository repository, String tagOrDigest, StoredManifest manifest)
            throws InterruptedException {
        Descriptor descriptor = manifest.descriptor();
        Digest there =
                repository.putManifest(tagOrDigest, descriptor.mediaType(), manifest.bytes());
        if (!there.equals(descriptor.digest())) {
            throw new Internal("the registry has " + there + " instead of " + descriptor.digest());
        }
    }
}
