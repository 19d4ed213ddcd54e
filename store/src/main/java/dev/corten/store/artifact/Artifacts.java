package dev.corten.store.artifact;

import dev.corten.model.Conflict;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.store.Durable;
import dev.corten.store.StoreLayout;
import dev.corten.store.content.Content;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/// The artifacts of the store. Readers never wait.
///
/// Whoever brings one in holds its blobs, publishes them, and then calls [#put].
public final class Artifacts {
    private static final System.Logger LOG = System.getLogger(Artifacts.class.getName());
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{4,64}");

    private final StoreLayout layout;
    private final Durable durable;
    private final Content content;

    /// One change at a time. It covers the write of two small files, because their order decides
    /// what a name means.
    private final ReentrantLock changes = new ReentrantLock();

    private volatile ArtifactList list = ArtifactList.EMPTY;

    /// Why the list cannot be read. Nothing is collected then: nobody knows what belongs to it.
    private volatile Optional<String> damage = Optional.empty();

    public Artifacts(StoreLayout layout, Durable durable, Content content) {
        this.layout = layout;
        this.durable = durable;
        this.content = content;
    }

    /// Reads the list. Before anything is collected.
    public void open() throws IOException {
        try {
            list = ArtifactList.read(Files.readAllBytes(layout.artifacts()));
        } catch (NoSuchFileException e) {
            list = ArtifactList.EMPTY;
        } catch (InvalidParameter e) {
            LOG.log(System.Logger.Level.ERROR, "the list of artifacts is damaged", e);
            damage = Optional.of(e.message());
        }
        content.keptBy(this::blobs);
    }

    /// What is wrong with the list itself.
    public Optional<String> damage() {
        return damage;
    }

    /// All that belongs to artifacts; everything, if nobody knows.
    public Set<Digest> blobs() {
        if (damage.isEmpty()) {
            return list.blobs();
        }
        try {
            return new HashSet<>(content.list());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// Names of artifacts that have a blob.
    public List<Reference> with(Digest blob) {
        return list.byName().values().stream()
                .filter(it -> it.digest().equals(blob) || it.blobs().contains(blob))
                .map(Artifact::name)
                .toList();
    }

    private ArtifactList known() {
        if (damage.isPresent()) {
            throw new Internal("the list of artifacts is damaged: " + damage.get());
        }
        return list;
    }

    // --- reading

    /// By name.
    public List<Artifact> list() {
        return List.copyOf(known().byName().values());
    }

    /// @param text a name, a digest, or the beginning of one
    /// @throws NotFound in Podman's words
    public Artifact get(String text) {
        return find(text).orElseThrow(() -> new NotFound(text + ": artifact does not exist"));
    }

    public Optional<Artifact> find(String text) {
        Map<String, Artifact> found = matching(known(), text);
        if (found.values().stream().map(Artifact::digest).distinct().count() > 1) {
            throw new InvalidParameter(text + ": several artifacts have digests that begin so");
        }
        return found.values().stream().findFirst();
    }

    private static Map<String, Artifact> matching(ArtifactList list, String text) {
        var found = new TreeMap<String, Artifact>();
        try {
            Reference name = Reference.parse(text).orLatest();
            Artifact named = list.byName().get(name.toString());
            if (named != null) {
                found.put(name.toString(), named);
            }
            name.digest()
                    .ifPresent(digest ->
                            list.byName()
                                    .forEach((key, it) -> {
                                        if (it.digest().equals(digest)
                                                && it.name()
                                                        .repository()
                                                        .equals(name.repository())) {
                                            found.put(key, it);
                                        }
                                    }));
        } catch (InvalidParameter notAName) {
            // a digest then
        }
        String hex = text.startsWith("sha256:") ? text.substring("sha256:".length()) : text;
        if (found.isEmpty() && HEX.matcher(hex).matches()) {
            list.byName()
                    .forEach((key, it) -> {
                        if (it.digest().hex().startsWith(hex)) {
                            found.put(key, it);
                        }
                    });
        }
        return found;
    }

    /// The manifest, byte for byte.
    public byte[] bytes(Artifact artifact) throws IOException {
        try (InputStream in = content.read(artifact.digest())) {
            byte[] bytes = in.readNBytes(Json.MAX_DOCUMENT);
            if (!Digest.of(bytes).equals(artifact.digest())) {
                throw new Internal("the manifest of " + artifact.name() + " is damaged");
            }
            return bytes;
        }
    }

    /// The manifest, read.
    public Manifest.OfImage manifest(Artifact artifact) throws IOException {
        return manifest(
                "manifest of " + artifact.name().familiar(),
                artifact.manifest().mediaType(),
                bytes(artifact));
    }

    /// @throws InvalidParameter if it is that of several, or none at all
    public static Manifest.OfImage manifest(String document, String mediaType, byte[] bytes) {
        if (Manifest.parse(document, mediaType, bytes) instanceof Manifest.OfImage one) {
            return one;
        }
        throw new InvalidParameter(document + " is not that of an artifact");
    }

    // --- changes

    /// Gives a name to an artifact whose blobs are published, on the disk, and held. Who has held what
    /// the name stood for before [collects][#collect] that.
    ///
    /// @param before what the name stood for when this change was thought out; empty for nothing
    /// @throws Conflict if it stands for something else meanwhile
    public Artifact put(
            Reference name, Optional<Artifact> before, String mediaType, byte[] manifest)
            throws IOException {
        Manifest.OfImage document = manifest("manifest of " + name.familiar(), mediaType, manifest);
        var blobs = new HashSet<Digest>();
        blobs.add(document.config().digest());
        document.layers().forEach(layer -> blobs.add(layer.digest()));
        Digest digest = Digest.of(manifest);
        var artifact =
                new Artifact(
                        name, Descriptor.of(document.mediaType(), digest, manifest.length), blobs);
        changes.lock();
        try (var ingest = content.ingest()) {
            ArtifactList now = known();
            if (!Optional.ofNullable(now.byName().get(name.toString())).equals(before)) {
                throw new Conflict(
                        name.familiar() + ": artifact has been changed by somebody else meanwhile");
            }
            var bytes = ByteBuffer.wrap(manifest);
            while (bytes.hasRemaining()) {
                ingest.channel().write(bytes);
            }
            ingest.channel().force(true);
            ingest.verified(digest, digest);
            try (var _ = content.publish(List.of(ingest))) {
                durable.syncDirectory(layout.blobs());
                write(now.with(artifact));
            }
        } finally {
            changes.unlock();
        }
        return artifact;
    }

    /// @param text as [#find] takes it: of a digest, all names go
    /// @return those that are gone
    /// @throws NotFound in Podman's words
    public List<Artifact> remove(String text) throws IOException {
        Artifact named = get(text);
        return remove(matching(known(), text), named);
    }

    /// All of them.
    public List<Artifact> removeAll() throws IOException {
        Map<String, Artifact> all = known().byName();
        return all.isEmpty() ? List.of() : remove(all, all.values().iterator().next());
    }

    private List<Artifact> remove(Map<String, Artifact> chosen, Artifact first) throws IOException {
        var gone = new ArrayList<Artifact>();
        changes.lock();
        try {
            ArtifactList now = known();
            chosen.forEach((name, _) -> {
                Artifact artifact = now.byName().get(name);
                if (artifact != null) {
                    gone.add(artifact);
                }
            });
            if (gone.isEmpty()) {
                throw new NotFound(first.name().familiar() + ": artifact does not exist");
            }
            write(now.without(chosen));
        } finally {
            changes.unlock();
        }
        gone.forEach(this::collect);
        return List.copyOf(gone);
    }

    private void write(ArtifactList next) throws IOException {
        durable.write(layout.artifacts(), next.write(), Durable.Sync.NOW);
        list = next;
    }

    /// Removes what belongs to nothing any more of an artifact that somebody has held. What is left
    /// over if this fails is collected when the store is opened.
    public void collect(Artifact artifact) {
        if (list.byName().containsValue(artifact)) {
            return;
        }
        var candidates = new HashSet<>(artifact.blobs());
        candidates.add(artifact.digest());
        try {
            content.removeUnneeded(candidates);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "blobs of a removed artifact are left", e);
        }
    }
}
