package dev.corten.store.image;

import dev.corten.archive.BoundedInput;
import dev.corten.archive.Compression;
import dev.corten.archive.TarReader;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.NotFound;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.store.Store;
import dev.corten.store.content.Content;
import dev.corten.store.document.Manifest;
import dev.corten.store.image.StoreFinding.Kind;
import dev.corten.store.image.StoreFinding.Outcome;
import dev.corten.store.snapshot.ChainId;
import dev.corten.store.snapshot.Layer;
import dev.corten.store.snapshot.LayerImport;
import dev.corten.store.snapshot.Layers;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Looks for damage in a store, and repairs what can be repaired: what has a digest is read and
/// compared, what others refer to must be there, and what nobody refers to goes.
///
/// Beside everything else that uses the store. What cannot be had again in any way is only told.
public final class StoreCheck {
    private static final Logger LOG = System.getLogger(StoreCheck.class.getName());

    /// What a blob may have, beside twice what its layer's files have, if nothing says its size.
    private static final long MANY = 1L << 30;

    private final Store store;
    private final Images images;
    private final Layers layers;
    private final Content content;
    private final Mode mode;
    private final BlobSource source;
    private final Predicate<Digest> layerInUse;
    private final Consumer<StoreFinding> findings;

    /// Layers that were found to be damaged, in the order in which they have to be repaired.
    private final Set<Digest> lost = new LinkedHashSet<>();

    private final Map<Digest, String> problems = new HashMap<>();

    /// Whether anything is changed.
    public enum Mode {
        LOOK,
        REPAIR
    }

    /// Where content can be had again.
    public interface BlobSource {
        /// Where nothing can be had.
        BlobSource NONE = (name, blob) -> Optional.empty();

        /// A blob or a manifest out of a repository; nothing if it is not there or nobody answers.
        /// The caller closes and verifies it.
        Optional<InputStream> fetch(Reference repository, Digest blob) throws IOException;
    }

    /// @param layerInUse whether a running container sees the layer with this chain ID
    /// @param findings called by the thread that runs this
    public StoreCheck(
            Store store,
            Mode mode,
            BlobSource source,
            Predicate<Digest> layerInUse,
            Consumer<StoreFinding> findings) {
        this.store = store;
        this.images = store.images();
        this.layers = store.layers();
        this.content = store.content();
        this.mode = mode;
        this.source = source;
        this.layerInUse = layerInUse;
        this.findings = findings;
    }

    public void run() throws IOException {
        configurations();
        store.artifacts()
                .damage()
                .ifPresent(problem ->
                        tell(Kind.FILE, "artifacts.json", "is damaged: " + problem, Outcome.LEFT));
        damagedBlobs();
        missingBlobs();
        findLostLayers();
        for (Digest chainId : lost) {
            if (layerInUse.test(chainId)) {
                leftInUse(chainId, problems.getOrDefault(chainId, ""));
            } else {
                restore(chainId);
            }
        }
        new StrayFiles(store, mode, findings).run();
    }

    // --- configurations and names

    private void configurations() throws IOException {
        for (Digest id : images.damaged()) {
            boolean there = Files.exists(store.layout().imageConfig(id));
            restoreConfiguration(
                    id,
                    there ? Kind.CONFIGURATION : Kind.NAME,
                    there ? "is damaged" : "has no image");
        }
        for (Image image : images.list()) {
            Digest id = image.id();
            if (!Files.exists(store.layout().imageConfig(id))) {
                restoreConfiguration(id, Kind.CONFIGURATION, "is missing");
            } else if (!Digest.of(images.configBytes(id)).equals(id)) {
                restoreConfiguration(id, Kind.CONFIGURATION, "is damaged");
            }
        }
    }

    private void restoreConfiguration(Digest id, Kind kind, String problem) throws IOException {
        List<Reference> names = images.names().of(id);
        String subject =
                kind == Kind.NAME && !names.isEmpty() ? names.getFirst().familiar() : id.toString();
        if (mode == Mode.LOOK) {
            tell(kind, subject, problem, Outcome.FOUND);
            return;
        }
        Optional<byte[]> config = fetchBytes(repositories(id), id);
        if (config.isPresent()) {
            images.mended(id, config.get());
            tell(kind, subject, problem, Outcome.FETCHED);
        } else if (images.find(id).isPresent()) {
            // It still works, from memory; who removes it loses nothing else.
            tell(kind, subject, problem, Outcome.LEFT);
        } else {
            images.forget(id);
            tell(kind, subject, problem, Outcome.REMOVED);
        }
    }

    // --- blobs

    private void damagedBlobs() throws IOException {
        Set<Digest> needed = needed();
        for (Digest digest : content.list()) {
            // Since then somebody may have brought it in.
            if (!needed.contains(digest) && !isNeeded(digest)) {
                unneededBlob(digest);
            } else {
                Optional<String> problem = blobProblem(digest);
                if (problem.isPresent()) {
                    restoreBlob(digest, problem.get());
                }
            }
        }
    }

    private boolean isNeeded(Digest digest) {
        // In this order: who is about to need it lets go when he needs it.
        return content.isHeld(digest) || needed().contains(digest);
    }

    private void unneededBlob(Digest digest) throws IOException {
        if (mode == Mode.REPAIR) {
            content.removeUnneeded(List.of(digest));
        }
        boolean there = content.contains(digest);
        if (mode == Mode.LOOK || !there) {
            tell(
                    Kind.BLOB,
                    digest.toString(),
                    "belongs to nothing",
                    there ? Outcome.FOUND : Outcome.REMOVED);
        }
    }

    private Set<Digest> needed() {
        var needed = new HashSet<>(images.neededBlobs());
        needed.addAll(store.artifacts().blobs());
        return needed;
    }

    private Optional<String> blobProblem(Digest digest) {
        var hash = Digest.newHash();
        byte[] buffer = new byte[128 << 10];
        try (InputStream in = content.read(digest)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                hash.update(buffer, 0, n);
            }
        } catch (NotFound gone) {
            return Optional.empty(); // removed meanwhile, or else missing
        } catch (IOException e) {
            return Optional.of("cannot be read: " + e.getMessage());
        }
        boolean whole = Digest.finish(hash).equals(digest);
        return whole ? Optional.empty() : Optional.of("is damaged");
    }

    private void missingBlobs() throws IOException {
        for (Digest digest : needed()) {
            if (!content.contains(digest)) {
                restoreBlob(digest, "is missing");
            }
        }
    }

    private void restoreBlob(Digest digest, String problem) throws IOException {
        if (mode == Mode.LOOK) {
            tell(Kind.BLOB, digest.toString(), problem, Outcome.FOUND);
            return;
        }
        var failures = new ArrayList<String>();
        if (fetch(repositoriesOf(digest), digest, failures)) {
            tell(Kind.BLOB, digest.toString(), problem, Outcome.FETCHED);
            return;
        }
        String all = String.join("; ", failures);
        String whole = failures.isEmpty() ? problem : problem + " (" + all + ")";
        boolean replaceable =
                layers.damaged().values().stream().noneMatch(blobs -> blobs.contains(digest))
                        && images.names().madeOf(digest).isEmpty()
                        && store.artifacts().with(digest).isEmpty();
        for (Layer layer : layers.list()) {
            boolean cameAsIt = layer.blob().equals(Optional.of(digest));
            replaceable &= !cameAsIt || layers.tar(layer).isPresent();
        }
        if (!replaceable) {
            tell(Kind.BLOB, digest.toString(), whole, Outcome.LEFT);
            return;
        }
        for (Layer layer : layers.list()) {
            layers.forgetBlob(layer.chainId(), digest);
        }
        // What a manifest names and nobody has is fetched when it is wanted.
        store.durable().delete(store.layout().blob(digest));
        tell(Kind.BLOB, digest.toString(), whole, Outcome.REMOVED);
    }

    // --- fetching

    /// Repositories that may have what an image is made of.
    private List<Reference> repositories(Digest image) {
        return images.names().of(image).stream().map(Reference::repository).distinct().toList();
    }

    private List<Reference> repositoriesOf(Digest blob) {
        var found = new LinkedHashSet<>(images.repositoriesWith(blob));
        Map<Digest, List<Digest>> damaged = layers.damaged();
        for (Image image : images.list()) {
            for (Digest chainId : ChainId.of(image.diffIds())) {
                if (layers.find(chainId).filter(l -> l.blobs().contains(blob)).isPresent()
                        || damaged.getOrDefault(chainId, List.of()).contains(blob)) {
                    found.addAll(repositories(image.id()));
                }
            }
        }
        images.names()
                .names()
                .keySet()
                .forEach(name -> {
                    if (images.names()
                            .target(name)
                            .map(Descriptor::digest)
                            .equals(Optional.of(blob))) {
                        found.add(name.repository());
                    }
                });
        images.names()
                .facts()
                .forEach((image, facts) -> {
                    if (facts.manifests().contains(blob) || facts.blobs().contains(blob)) {
                        found.addAll(repositories(image));
                    }
                });
        images.names().madeOf(blob).forEach(name -> found.add(name.repository()));
        store.artifacts().with(blob).forEach(name -> found.add(name.repository()));
        return List.copyOf(found);
    }

    /// @param failures gets why it cannot be had, in the user's words
    private boolean fetch(List<Reference> repositories, Digest digest, List<String> failures)
            throws IOException {
        for (Reference repository : repositories) {
            Optional<InputStream> found = source.fetch(repository, digest);
            if (found.isEmpty()) {
                continue;
            }
            try (InputStream in =
                            new BoundedInput(found.get(), bound(digest), "blob is larger than");
                    var ingest = content.ingest()) {
                in.transferTo(ingest.out());
                ingest.verify(digest);
                store.durable().syncFileSystem(store.layout().dataRoot());
                content.publish(List.of(ingest)).close();
                return true;
            } catch (CortenException | IOException damaged) {
                failures.add(
                        "cannot be had from "
                                + repository.familiar()
                                + ": "
                                + damaged.getMessage());
            }
        }
        return false;
    }

    /// How much a registry may send.
    private long bound(Digest blob) {
        long size = images.sizeOf(blob);
        if (size >= 0) {
            return size;
        }
        long files =
                layers.list().stream()
                        .filter(layer -> layer.blobs().contains(blob))
                        .mapToLong(Layer::size)
                        .max()
                        .orElse(0);
        return MANY + 2 * files;
    }

    private Optional<byte[]> fetchBytes(List<Reference> repositories, Digest digest)
            throws IOException {
        for (Reference repository : repositories) {
            Optional<InputStream> found = source.fetch(repository, digest);
            if (found.isPresent()) {
                try (InputStream in = found.get()) {
                    byte[] bytes = in.readNBytes(dev.corten.store.document.Json.MAX_DOCUMENT);
                    if (Digest.of(bytes).equals(digest)) {
                        return Optional.of(bytes);
                    }
                } catch (IOException e) {
                    LOG.log(Level.INFO, () -> digest + " cannot be had from " + repository, e);
                }
            }
        }
        return Optional.empty();
    }

    // --- layers

    private void findLostLayers() throws IOException {
        var needed = new HashSet<Digest>();
        for (Image image : images.list()) {
            for (Digest chainId : ChainId.of(image.diffIds())) {
                if (needed.add(chainId)) {
                    problem(chainId).ifPresent(problem -> lost(chainId, problem));
                }
            }
        }
        for (Digest chainId : layers.damaged().keySet()) {
            if (!needed.contains(chainId)) {
                if (mode == Mode.REPAIR) {
                    layers.retire(chainId);
                }
                tell(
                        Kind.LAYER,
                        chainId.toString(),
                        "is damaged and belongs to nothing",
                        mode == Mode.LOOK ? Outcome.FOUND : Outcome.REMOVED);
            }
        }
    }

    private void lost(Digest chainId, String problem) {
        if (mode == Mode.LOOK) {
            tell(Kind.LAYER, chainId.toString(), problem, Outcome.FOUND);
        } else if (layerInUse.test(chainId)) {
            leftInUse(chainId, problem);
        } else {
            lost.add(chainId);
            problems.put(chainId, problem);
        }
    }

    private void leftInUse(Digest chainId, String problem) {
        tell(
                Kind.LAYER,
                chainId.toString(),
                problem + ", and a running container uses it",
                Outcome.LEFT);
    }

    private Optional<String> problem(Digest chainId) throws IOException {
        Optional<Layer> found = layers.find(chainId);
        if (found.isEmpty()) {
            return Optional.of(
                    layers.damaged().containsKey(chainId) ? "has a damaged record" : "is missing");
        }
        Layer layer = found.get();
        var directory = store.layout().layer(layer.cacheId());
        if (!Files.isDirectory(directory.resolve("diff"))) {
            return Optional.of("has no directory");
        }
        if (!Files.exists(store.layout().layerRecord(chainId).resolve("cache-id"))) {
            return Optional.of("has no record");
        }
        try {
            Optional<Layers.Tar> tar = layers.tar(layer);
            if (tar.isPresent()) {
                try (InputStream in = store.layerArchive().plain(layer).open()) {
                    in.transferTo(java.io.OutputStream.nullOutputStream());
                }
            }
        } catch (IOException e) {
            return Optional.of("is damaged: " + e.getMessage());
        }
        return Optional.empty();
    }

    private void restore(Digest chainId) throws IOException {
        String problem = problems.getOrDefault(chainId, "");
        var failures = new ArrayList<String>();
        for (Image image : images.list()) {
            List<Digest> chain = ChainId.of(image.diffIds());
            int at = chain.indexOf(chainId);
            if (at >= 0) {
                for (Digest blob : blobs(image, at)) {
                    boolean fetched = !content.contains(blob);
                    if (!fetched || fetch(repositories(image.id()), blob, failures)) {
                        if (isUnpacked(image.diffIds().subList(0, at + 1), blob, failures)) {
                            tell(
                                    Kind.LAYER,
                                    chainId.toString(),
                                    problem,
                                    fetched ? Outcome.FETCHED : Outcome.REPAIRED);
                            return;
                        }
                    }
                }
            }
        }
        String all = failures.isEmpty() ? "" : " (" + String.join("; ", failures) + ")";
        tell(Kind.LAYER, chainId.toString(), problem + all, Outcome.LEFT);
    }

    /// A damaged blob keeps nobody from repairing the rest.
    private boolean isUnpacked(List<Digest> diffIds, Digest blob, List<String> failures) {
        try {
            return unpack(diffIds, blob);
        } catch (CortenException | IOException e) {
            failures.add("cannot be unpacked from " + blob + ": " + e.getMessage());
            return false;
        }
    }

    /// What a layer of an image can be unpacked from.
    private List<Digest> blobs(Image image, int at) throws IOException {
        var blobs = new ArrayList<Digest>();
        Digest chainId = ChainId.of(image.diffIds()).get(at);
        layers.find(chainId).ifPresent(layer -> blobs.addAll(layer.blobs()));
        blobs.addAll(layers.damaged().getOrDefault(chainId, List.of()));
        Optional<Images.StoredManifest> manifest = images.manifest(image.id(), Optional.empty());
        if (manifest.isPresent()
                && Manifest.parse(
                                "manifest",
                                manifest.get().descriptor().mediaType(),
                                manifest.get().bytes())
                        instanceof Manifest.OfImage parsed
                && at < parsed.layers().size()) {
            blobs.add(parsed.layers().get(at).digest());
        }
        return blobs;
    }

    private boolean unpack(List<Digest> diffIds, Digest blob) throws IOException {
        LayerImport imports = store.layerImport();
        Digest wanted = diffIds.getLast();
        try (InputStream raw = content.read(blob);
                InputStream plain = Compression.open(raw);
                var staged = imports.unpack(plain, TarReader.End.ANYWHERE);
                var session = imports.session()) {
            if (!staged.diffId().equals(wanted)) {
                return false;
            }
            var chain = session.chain();
            for (Digest below : diffIds.subList(0, diffIds.size() - 1)) {
                if (!chain.addExisting(below)) {
                    return false; // it comes first in another image, or is lost too
                }
            }
            layers.retire(chain.next(wanted));
            chain.add(staged, Optional.of(blob));
            session.sync();
            session.commit();
            return true;
        }
    }

    private void tell(Kind kind, String subject, String problem, Outcome outcome) {
        findings.accept(new StoreFinding(kind, subject, problem, outcome));
    }
}
