package dev.corten.engine.artifact;

import dev.corten.engine.event.Events;
import dev.corten.engine.pull.PullMessage;
import dev.corten.engine.registry.Workers;
import dev.corten.model.Conflict;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.registry.client.RegistryClient;
import dev.corten.registry.client.RemoteManifest;
import dev.corten.registry.client.Repository;
import dev.corten.store.Store;
import dev.corten.store.artifact.Artifact;
import dev.corten.store.artifact.Artifacts;
import dev.corten.store.content.Content;
import dev.corten.store.document.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/// Artifacts from registries and to registries.
public final class ArtifactTransfers {
    /// As many blobs as Docker moves at a time.
    private static final int AT_ONCE = 3;

    private static final int ATTEMPTS = 3;

    private final Store store;
    private final RegistryClient registries;
    private final Events events;

    public ArtifactTransfers(Store store, RegistryClient registries, Events events) {
        this.store = store;
        this.registries = registries;
        this.events = events;
    }

    private static String tagOrDigest(Reference name) {
        return name.digest()
                .map(Digest::toString)
                .orElseGet(() -> name.tag().orElse(Reference.DEFAULT_TAG));
    }

    /// What a file is called in messages.
    private static String shortName(Descriptor blob) {
        return blob.digest().hex().substring(0, 12);
    }

    // --- pull

    /// Fetches an artifact. What is here already is not fetched again; what a name stood for before
    /// goes.
    ///
    /// @param out called by this thread
    public void pull(Reference asked, RegistryCredentials credentials, Consumer<PullMessage> out)
            throws IOException, InterruptedException {
        Reference name = withoutSuperfluousTag(asked.orLatest());
        Repository repository = registries.pull(name, credentials);
        RemoteManifest found = repository.manifest(tagOrDigest(name));
        Manifest.OfImage manifest =
                Artifacts.manifest(
                        "manifest of " + name.familiar(), found.mediaType(), found.bytes());
        if (manifest.layers().size() > LocalArtifacts.MAX_FILES) {
            throw new InvalidParameter(
                    "artifact "
                            + name.familiar()
                            + " has more than "
                            + LocalArtifacts.MAX_FILES
                            + " files");
        }
        out.accept(new PullMessage.Note(tagOrDigest(name), "Pulling from " + name.path()));
        Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
        manifest.layers().forEach(layer -> blobs.putIfAbsent(layer.digest(), layer));
        blobs.putIfAbsent(manifest.config().digest(), manifest.config());
        List<Content.Ingest> arrived = Collections.synchronizedList(new ArrayList<>());
        try (var _ = store.content().hold(blobs.keySet())) {
            var workers = new Workers<PullMessage>(AT_ONCE);
            var tasks = new ArrayList<Callable<Void>>();
            for (Descriptor blob : blobs.values()) {
                tasks.add(() -> {
                    fetch(repository, blob, arrived, workers);
                    return null;
                });
            }
            workers.run(tasks, out);
            try (var _ = store.content().publish(List.copyOf(arrived))) {
                store.durable().syncFileSystem(store.layout().dataRoot());
                name(name, manifest.mediaType(), found.bytes());
            }
        } finally {
            for (Content.Ingest ingest : arrived) {
                ingest.close();
            }
        }
        out.accept(new PullMessage.Note("", "Digest: " + found.digest()));
        publish("pull", name, found.digest());
    }

    private static Reference withoutSuperfluousTag(Reference name) {
        return name.digest().isPresent()
                ? new Reference(name.domain(), name.path(), Optional.empty(), name.digest())
                : name;
    }

    /// What the name stands for here may change meanwhile: the registry's word counts.
    private void name(Reference name, String mediaType, byte[] manifest) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                Optional<Artifact> before =
                        store.artifacts().list().stream()
                                .filter(artifact -> artifact.name().equals(name))
                                .findFirst();
                store.artifacts().put(name, before, mediaType, manifest);
                before.ifPresent(store.artifacts()::collect);
                return;
            } catch (Conflict e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private void fetch(
            Repository repository,
            Descriptor blob,
            List<Content.Ingest> arrived,
            Workers<PullMessage> workers)
            throws IOException, InterruptedException {
        String id = shortName(blob);
        if (store.content().contains(blob.digest())) {
            workers.tell(new PullMessage.Step(id, "Already exists"));
            return;
        }
        Content.Ingest ingest = store.content().ingest();
        arrived.add(ingest);
        new BlobDownload(repository, blob, ingest)
                .run(current ->
                        workers.tell(
                                new PullMessage.Progress(id, "Downloading", current, blob.size())));
        workers.tell(new PullMessage.Step(id, "Download complete"));
    }

    // --- push

    /// Sends an artifact to the registry of its name.
    ///
    /// @param out called by this thread
    /// @throws NotFound if it is not here
    public void push(Reference asked, RegistryCredentials credentials, Consumer<PullMessage> out)
            throws IOException, InterruptedException {
        Reference name = asked.orLatest();
        if (name.digest().isPresent()) {
            throw new InvalidParameter("cannot push a digest reference");
        }
        Artifact artifact = store.artifacts().get(name.toString());
        var kept = new ArrayList<>(artifact.blobs());
        kept.add(artifact.digest());
        try (var _ = store.content().hold(kept)) {
            byte[] bytes = store.artifacts().bytes(artifact);
            Manifest.OfImage manifest = store.artifacts().manifest(artifact);
            Repository repository = registries.push(name, credentials);
            out.accept(
                    new PullMessage.Note(
                            "",
                            "The push refers to repository ["
                                    + name.domain()
                                    + "/"
                                    + name.path()
                                    + "]"));
            repository.reach();
            Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
            manifest.layers().forEach(layer -> blobs.putIfAbsent(layer.digest(), layer));
            blobs.putIfAbsent(manifest.config().digest(), manifest.config());
            var workers = new Workers<PullMessage>(AT_ONCE);
            var tasks = new ArrayList<Callable<Void>>();
            for (Descriptor blob : blobs.values()) {
                tasks.add(() -> {
                    send(repository, blob, workers);
                    return null;
                });
            }
            workers.run(tasks, out);
            String tag = tagOrDigest(name);
            Digest there = repository.putManifest(tag, artifact.manifest().mediaType(), bytes);
            if (!there.equals(artifact.digest())) {
                throw new Internal(
                        "the registry has " + there + " instead of " + artifact.digest());
            }
            out.accept(
                    new PullMessage.Note(
                            "",
                            tag
                                    + ": digest: "
                                    + artifact.digest()
                                    + " size: "
                                    + artifact.manifest().size()));
        }
        store.artifacts().collect(artifact);
        publish("push", name, artifact.digest());
    }

    private void send(Repository repository, Descriptor blob, Workers<PullMessage> workers)
            throws IOException, InterruptedException {
        String id = shortName(blob);
        if (repository.has(blob.digest())) {
            workers.tell(new PullMessage.Step(id, "Already exists"));
            return;
        }
        repository.upload(
                blob,
                offset -> open(blob.digest(), offset),
                new Rarely(current ->
                        workers.tell(
                                new PullMessage.Progress(id, "Pushing", current, blob.size()))));
        workers.tell(new PullMessage.Step(id, "Pushed"));
    }

    private InputStream open(Digest blob, long offset) throws IOException {
        InputStream in = store.content().read(blob);
        boolean done = false;
        try {
            in.skipNBytes(offset);
            done = true;
            return in;
        } finally {
            if (!done) {
                in.close();
            }
        }
    }

    private void publish(String action, Reference name, Digest digest) {
        events.publish("artifact", action, digest.toString(), Map.of("name", name.familiar()));
    }
}
