package dev.corten.engine.artifact;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarFormatException;
import dev.corten.archive.TarReader;
import dev.corten.engine.event.Events;
import dev.corten.model.Conflict;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.Store;
import dev.corten.store.artifact.Artifact;
import dev.corten.store.artifact.ArtifactText;
import dev.corten.store.content.Content;
import dev.corten.store.document.Manifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The artifacts that are here.
public final class LocalArtifacts {
    /// More than anybody has, and few enough that their manifest stays small.
    static final int MAX_FILES = 1000;

    private static final int BUFFER = 128 << 10;

    private final Store store;
    private final Events events;
    private final Clock clock;

    public LocalArtifacts(Store store, Events events, Clock clock) {
        this.store = store;
        this.events = events;
        this.clock = clock;
    }

    /// What is known of an artifact.
    ///
    /// @param size bytes of its files
    /// @param created if it says so
    /// @param document its manifest, byte for byte
    public record View(
            Reference name,
            Digest digest,
            String type,
            long size,
            Optional<Instant> created,
            byte[] document) {
        /// `""` without one.
        public String tag() {
            return name.tag().orElse("");
        }
    }

    /// By name.
    public List<View> list() throws IOException {
        var views = new ArrayList<View>();
        for (Artifact artifact : store.artifacts().list()) {
            views.add(view(artifact));
        }
        return views;
    }

    /// @param text a name, a digest, or the beginning of one
    /// @throws NotFound in Podman's words
    public View get(String text) throws IOException {
        return view(store.artifacts().get(text));
    }

    private View view(Artifact artifact) throws IOException {
        Manifest.OfImage manifest = store.artifacts().manifest(artifact);
        return new View(
                artifact.name(),
                artifact.digest(),
                manifest.artifactType(),
                manifest.layers().stream().mapToLong(Descriptor::size).sum(),
                created(manifest.annotations()),
                store.artifacts().bytes(artifact));
    }

    private static Optional<Instant> created(Map<String, String> annotations) {
        try {
            return Optional.ofNullable(annotations.get(ArtifactText.CREATED)).map(Instant::parse);
        } catch (DateTimeException e) {
            return Optional.empty(); // whoever made it has written something else there
        }
    }

    /// A file on its way out.
    ///
    /// @param end gives it free, when it is closed
    public record Outgoing(InputStream in, Runnable end) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            end.run();
            in.close();
        }
    }

    /// @throws NotFound if the artifact has no such file
    public Artifact check(String text, Digest digest) {
        Artifact artifact = store.artifacts().get(text);
        if (!artifact.blobs().contains(digest)) {
            throw new NotFound("no blob with the digest \"" + digest + "\"");
        }
        return artifact;
    }

    /// A file of an artifact. Not verified: whoever reads it knows its digest.
    ///
    /// @throws NotFound if the artifact has no such file
    public Outgoing open(String text, Digest digest) throws IOException {
        var hold = store.content().hold(List.of(digest));
        boolean done = false;
        try {
            Artifact artifact = check(text, digest);
            var outgoing =
                    new Outgoing(
                            store.content().read(digest),
                            () -> {
                                hold.close();
                                store.artifacts().collect(artifact);
                            });
            done = true;
            return outgoing;
        } finally {
            if (!done) {
                hold.close();
            }
        }
    }

    // --- making

    /// Whether an artifact of the name may be there.
    public enum Mode {
        NEW,
        REPLACE,
        APPEND
    }

    /// @param type of the artifact; `""` if nobody says
    /// @param fileType media type of the files; `""` to find out
    /// @param annotations of each file and of the artifact
    public record Wanted(
            Reference name,
            Mode mode,
            String type,
            String fileType,
            Map<String, String> annotations) {
        public Wanted {
            annotations = Map.copyOf(annotations);
            if (name.digest().isPresent()) {
                throw new InvalidParameter(
                        "an artifact cannot be made under a digest: " + name.familiar());
            }
            if (mode == Mode.APPEND && !type.isEmpty()) {
                throw new InvalidParameter("append option is not compatible with type option");
            }
            if (annotations.containsKey(ArtifactText.TITLE)) {
                throw new InvalidParameter(
                        "cannot override filename with " + ArtifactText.TITLE + " annotation");
            }
            if (!type.isEmpty()) {
                checkType(type);
            }
            if (!fileType.isEmpty()) {
                checkType(fileType);
            }
        }

        private static void checkType(String type) {
            if (type.length() > 255 || type.chars().anyMatch(c -> c < ' ' || c > '~')) {
                throw new InvalidParameter("invalid media type \"" + type + "\"");
            }
        }
    }

    /// Makes an artifact of files, or adds them to one.
    ///
    /// @param tar regular files without directories, by their titles; is read to its end
    /// @throws Conflict if there is one already, in Podman's words
    public Digest add(Wanted wanted, InputStream tar) throws IOException {
        Reference name = wanted.name.orLatest();
        Optional<Artifact> before = named(name);
        if (wanted.mode == Mode.NEW && before.isPresent()) {
            throw new Conflict(name.familiar() + ": artifact already exists");
        }
        if (wanted.mode == Mode.APPEND && before.isEmpty()) {
            throw new NotFound(name.familiar() + ": artifact does not exist");
        }
        var ingests = new ArrayList<Content.Ingest>();
        try (var _ = keeping(before)) {
            var files = new ArrayList<Descriptor>();
            try {
                read(wanted, tar, ingests, files);
            } catch (TarFormatException e) {
                throw new InvalidParameter("the files are no tar archive: " + e.getMessage(), e);
            }
            if (files.isEmpty()) {
                throw new InvalidParameter("an artifact needs at least one file");
            }
            byte[] manifest = manifest(wanted, before, files);
            ingests.add(written(ArtifactText.empty()));
            try (var _ = store.content().publish(ingests)) {
                store.durable().syncFileSystem(store.layout().dataRoot());
                Artifact made =
                        store.artifacts().put(name, before, MediaTypes.OCI_MANIFEST, manifest);
                publish("add", made);
                return made.digest();
            }
        } finally {
            for (Content.Ingest ingest : ingests) {
                ingest.close();
            }
            before.ifPresent(store.artifacts()::collect);
        }
    }

    private Optional<Artifact> named(Reference name) {
        return store.artifacts().list().stream()
                .filter(artifact -> artifact.name().equals(name))
                .findFirst();
    }

    /// The files that stay must not go with the artifact of which they are now.
    private Content.Hold keeping(Optional<Artifact> before) {
        var blobs = new HashSet<Digest>();
        before.ifPresent(artifact -> {
            blobs.add(artifact.digest());
            blobs.addAll(artifact.blobs());
        });
        return store.content().hold(blobs);
    }

    private void read(
            Wanted wanted, InputStream tar, List<Content.Ingest> ingests, List<Descriptor> files)
            throws IOException {
        var reader = new TarReader(tar, TarReader.End.MARKED);
        for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            String title = ArtifactText.checkedTitle(entry.get().name().toString());
            if (entry.get().kind() != TarEntry.Kind.FILE) {
                throw new InvalidParameter(title + " is no regular file");
            }
            if (files.size() == MAX_FILES) {
                throw new InvalidParameter("an artifact has at most " + MAX_FILES + " files");
            }
            files.add(file(wanted, title, reader.data(), ingests));
        }
        reader.drain();
        ArtifactText.joined(List.of(), files);
    }

    private Descriptor file(
            Wanted wanted, String title, InputStream data, List<Content.Ingest> ingests)
            throws IOException {
        byte[] head = data.readNBytes(FileType.HEAD);
        Content.Ingest ingest = store.content().ingest();
        ingests.add(ingest);
        MessageDigest hash = Digest.newHash();
        var out = new DigestOutputStream(ingest.out(), hash);
        out.write(head);
        byte[] buffer = new byte[BUFFER];
        for (int n = data.read(buffer); n >= 0; n = data.read(buffer)) {
            out.write(buffer, 0, n);
        }
        Digest digest = Digest.finish(hash);
        ingest.verified(digest, digest);
        var annotations = new TreeMap<>(wanted.annotations);
        annotations.put(ArtifactText.TITLE, title);
        return new Descriptor(
                wanted.fileType.isEmpty() ? FileType.of(head) : wanted.fileType,
                digest,
                ingest.size(),
                Optional.empty(),
                annotations,
                List.of(),
                "");
    }

    private Content.Ingest written(byte[] bytes) throws IOException {
        Content.Ingest ingest = store.content().ingest();
        new ByteArrayInputStream(bytes).transferTo(ingest.out());
        ingest.verify(Digest.of(bytes));
        return ingest;
    }

    private byte[] manifest(Wanted wanted, Optional<Artifact> before, List<Descriptor> files)
            throws IOException {
        if (wanted.mode == Mode.APPEND && before.isPresent()) {
            Manifest.OfImage known = store.artifacts().manifest(before.get());
            var annotations = new TreeMap<>(known.annotations());
            annotations.putAll(wanted.annotations);
            return ArtifactText.with(
                    known, ArtifactText.joined(known.layers(), files), annotations);
        }
        var annotations = new TreeMap<>(wanted.annotations);
        annotations.put(ArtifactText.CREATED, clock.instant().toString());
        return ArtifactText.create(wanted.type, files, annotations);
    }

    // --- removing

    /// @param text a name, a digest, or the beginning of one
    /// @throws NotFound in Podman's words
    public List<Digest> remove(String text) throws IOException {
        return gone(store.artifacts().remove(text));
    }

    public List<Digest> removeAll() throws IOException {
        return gone(store.artifacts().removeAll());
    }

    private List<Digest> gone(List<Artifact> artifacts) {
        artifacts.forEach(artifact -> publish("remove", artifact));
        return artifacts.stream().map(Artifact::digest).distinct().toList();
    }

    private void publish(String action, Artifact artifact) {
        events.publish(
                "artifact",
                action,
                artifact.digest().toString(),
                Map.of("name", artifact.name().familiar()));
    }
}
