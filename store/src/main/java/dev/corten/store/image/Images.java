package dev.corten.store.image;

import dev.corten.model.Conflict;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import dev.corten.model.image.ImageSizes;
import dev.corten.model.image.LoadEvent;
import dev.corten.model.image.Removal;
import dev.corten.store.Durable;
import dev.corten.store.StoreLayout;
import dev.corten.store.content.Content;
import dev.corten.store.document.Manifest;
import dev.corten.store.snapshot.ChainId;
import dev.corten.store.snapshot.Layer;
import dev.corten.store.snapshot.LayerImport;
import dev.corten.store.snapshot.Layers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/// The images of the store.
///
/// Readers ([#list], [#find]) see an immutable catalog and never wait. Changes of names are written
/// to `repositories.json` one after the other, under a lock of their own.
public final class Images {
    private static final System.Logger LOG = System.getLogger(Images.class.getName());
    private static final Pattern ID = Pattern.compile("(sha256:)?[0-9a-f]{64}");

    private final StoreLayout layout;
    private final Durable durable;
    private final Clock clock;
    private final Content content;
    private final Layers layers;
    private final LayerImport imports;
    private final Distribution distribution;

    /// See [#damaged()].
    private final Set<Digest> damaged = ConcurrentHashMap.newKeySet();

    /// One change at a time, on disk first, then in [#catalog]. It covers the write of one small
    /// file, because its order decides what a name means.
    private final ReentrantLock changes = new ReentrantLock();

    private volatile Catalog catalog = Catalog.EMPTY;

    public Images(
            StoreLayout layout,
            Durable durable,
            Clock clock,
            Content content,
            Layers layers,
            LayerImport imports) {
        this.layout = layout;
        this.durable = durable;
        this.clock = clock;
        this.content = content;
        this.layers = layers;
        this.imports = imports;
        this.distribution = new Distribution(layout, durable);
    }

    /// Where layers are known to be.
    public Distribution distribution() {
        return distribution;
    }

    /// Reads the names and configurations, and collects layers that no image needs, and blobs that
    /// no layer came as and no name stands for: a crash leaves such.
    public void open() throws IOException {
        durable.createDirectories(layout.imageConfigs());
        distribution.open();
        Repositories names = readNames();
        var documents = new java.util.HashMap<Digest, ImageDocument>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.imageConfigs())) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.startsWith(".")) {
                    durable.delete(file);
                } else {
                    try {
                        documents.put(
                                new Digest(name),
                                ImageDocument.parse("image " + name, Files.readAllBytes(file)));
                    } catch (InvalidParameter e) {
                        LOG.log(System.Logger.Level.ERROR, () -> "image is damaged: " + name, e);
                        damaged.add(new Digest(name));
                    }
                }
            }
        }
        for (Digest image : names.names().values()) {
            if (!documents.containsKey(image)) {
                damaged.add(image);
            }
        }
        var known = new HashSet<>(documents.keySet());
        known.addAll(damaged);
        catalog = new Catalog(names.onlyOf(known), documents, this::size);
        content.keptBy(this::neededBlobs);
        if (damaged.isEmpty() && !layers.isDamaged()) {
            collect();
            content.removeUnneeded(content.list());
        }
    }

    /// Images that are named and whose configurations are not what they should be, as far as that was
    /// seen when the store was opened.
    Set<Digest> damaged() {
        return damaged;
    }

    /// A configuration is there again.
    void mended(Digest id, byte[] config) throws IOException {
        changes.lock();
        try {
            durable.write(layout.imageConfig(id), config, Durable.Sync.NOW);
            var documents = new HashMap<>(catalog.documents());
            documents.put(id, ImageDocument.parse("image " + id, config));
            damaged.remove(id);
            catalog = catalog.with(catalog.names(), documents);
        } finally {
            changes.unlock();
        }
    }

    /// A configuration is lost for good.
    void forget(Digest id) throws IOException {
        changes.lock();
        try {
            var documents = new HashMap<>(catalog.documents());
            documents.remove(id);
            damaged.remove(id);
            var known = new HashSet<>(documents.keySet());
            known.addAll(damaged);
            Repositories names = catalog.names().onlyOf(known);
            writeNames(names);
            durable.delete(layout.imageConfig(id));
            catalog = catalog.with(names, documents);
        } finally {
            changes.unlock();
        }
    }

    Repositories names() {
        return catalog.names();
    }

    private Repositories readNames() throws IOException {
        try {
            return Repositories.read(Files.readAllBytes(layout.repositories()));
        } catch (NoSuchFileException e) {
            return Repositories.EMPTY;
        }
    }

    // --- reading

    /// All images, the newest first.
    public List<Image> list() {
        return catalog.images().stream()
                .sorted(
                        Comparator.comparing((Image i) -> i.created().orElse(Instant.EPOCH))
                                .reversed()
                                .thenComparing(Image::id))
                .toList();
    }

    /// Images that are here for another platform of a name that others have: nobody sees them as
    /// images of their own.
    public Set<Digest> companions() {
        return catalog.names().companions();
    }

    public Optional<Image> find(Digest id) {
        return catalog.find(id);
    }

    /// By name (`busybox`, `busybox:1`, `repo@sha256:…`), by ID, or by a unique beginning of one.
    public Optional<Image> find(String nameOrId) {
        return catalog.find(nameOrId);
    }

    /// Like [#find].
    ///
    /// @throws NotFound in Docker's words
    /// @throws InvalidParameter for what can be neither a name nor an ID
    public Image get(String nameOrId) {
        return find(nameOrId).orElseThrow(() -> new NotFound("No such image: " + shown(nameOrId)));
    }

    /// As Docker names an image that is not there: `nope` is `nope:latest`.
    private static String shown(String nameOrId) {
        try {
            return Reference.parse(nameOrId).orLatest().familiar();
        } catch (InvalidParameter e) {
            if (ID.matcher(nameOrId).matches()) {
                return nameOrId;
            }
            throw e;
        }
    }

    /// The configuration document, byte for byte: its digest is the image's ID.
    public byte[] configBytes(Digest id) throws IOException {
        try {
            return Files.readAllBytes(layout.imageConfig(id));
        } catch (NoSuchFileException e) {
            throw new NotFound("No such image: " + id, e);
        }
    }

    // --- coming in

    /// Reads an archive of `docker save` (old and new form) or a tar of an OCI image layout,
    /// compressed or not, from a stream, in one pass. All of its images are imported, or none.
    ///
    /// @param archive is read to its end and not closed
    /// @param events called by this thread only
    /// @return the images, in the archive's order
    /// @throws InvalidParameter if the archive is damaged, cut short, or inconsistent
    public List<Image> load(InputStream archive, Consumer<LoadEvent> events)
            throws IOException, InterruptedException {
        return load(archive, Optional.empty(), events);
    }

    /// Likewise, of the images for one platform only.
    ///
    /// @throws NotFound if there is none
    public List<Image> load(
            InputStream archive, Optional<Platform> platform, Consumer<LoadEvent> events)
            throws IOException, InterruptedException {
        return new ArchiveLoad(this, content, imports, layers, platform, events).load(archive);
    }

    /// Says what bounds a layer, in bytes of its tar.
    public void layerBound(LongSupplier bytes) {
        imports.bound(bytes);
    }

    /// What `docker import` asks for.
    ///
    /// @param changes Dockerfile instructions, see [ConfigChange]
    public record ImportRequest(
            List<String> changes, String message, Optional<Reference> name, Platform platform) {}

    /// Makes an image of one layer out of a root file system's tar, gzip-compressed or not.
    ///
    /// @param rootfs is read to its end and not closed
    public Image importRootfs(InputStream rootfs, ImportRequest request)
            throws IOException, InterruptedException {
        // Before the work: malformed instructions are the likelier mistake.
        ImageConfig config = ConfigChange.apply(ImageConfig.EMPTY, request.changes());
        return new RootfsImport(this, imports, clock).run(rootfs, request, config);
    }

    /// What `docker commit` asks for.
    ///
    /// @param base the container's image
    /// @param createdBy the container's command
    public record CommitRequest(
            Image base,
            ImageConfig config,
            String createdBy,
            String author,
            String comment,
            Optional<Reference> name) {}

    /// Makes an image of what a container has changed in its own; without a new layer if that is
    /// nothing.
    ///
    /// @param changes the tar of a layer; is read to its end and not closed
    public Image commit(InputStream changes, CommitRequest request)
            throws IOException, InterruptedException {
        try (var pool = new UnpackPool()) {
            return pool.run(() -> new ContainerCommit(this, imports, clock).run(changes, request));
        }
    }

    /// Makes the image `hello-world:latest` of the static program that ships with Corten. The same
    /// program gives the same image, always.
    public Image installHelloWorld(Path staticBinary) throws IOException, InterruptedException {
        return new HelloWorld(this, imports).install(staticBinary);
    }

    /// Stores what a build has made, all in one step. The layers are committed, and somebody holds them
    /// until this is over; those that are not on disk yet are brought there.
    ///
    /// @return who had the names before, for those that moved
    public List<LoadEvent.NameMoved> addBuilt(List<BuiltImage> built) throws IOException {
        layers.settle();
        return add(built.stream().map(BuiltImage::stored).toList());
    }

    /// Likewise, with the manifests and the index that a registry would have of them.
    public List<LoadEvent.NameMoved> addBuilt(BuiltImages built) throws IOException {
        layers.settle();
        List<Content.Ingest> written = built.write(content);
        try (var _ = content.publish(written)) {
            if (!written.isEmpty()) {
                durable.syncFileSystem(layout.dataRoot());
            }
            return add(built.stored());
        } finally {
            for (Content.Ingest ingest : written) {
                ingest.close();
            }
        }
    }

    /// Writes configurations whose layers are committed and pinned, and names them: the last step
    /// of every import. Everything else is on disk already.
    ///
    /// @return who had the names before, for those that moved
    List<LoadEvent.NameMoved> add(List<NewImage> images) throws IOException {
        Set<Digest> forgotten;
        var moved = new ArrayList<LoadEvent.NameMoved>();
        changes.lock();
        try {
            Catalog before = catalog;
            var documents = new java.util.HashMap<>(before.documents());
            Repositories.Editor editor = before.names().edit();
            for (NewImage image : images) {
                if (!before.documents().containsKey(image.id())) {
                    durable.write(
                            layout.imageConfig(image.id()), image.config(), Durable.Sync.CONTENT);
                    documents.put(image.id(), image.document());
                    damaged.remove(image.id());
                }
            }
            for (NewImage image : images) {
                editor.came(image.id(), image.manifests(), image.blobs());
                image.parent().ifPresent(parent -> editor.parent(image.id(), parent));
                for (Reference name : image.names()) {
                    Optional<Digest> old = editor.find(name);
                    if (old.isPresent() && !old.get().equals(image.id())) {
                        moved.add(new LoadEvent.NameMoved(name, old.get()));
                    }
                    if (image.naming() == Naming.PULLED) {
                        editor.pulled(name, image.id(), image.target().orElseThrow());
                    } else {
                        editor.name(name, image.id(), image.target(), clock.instant());
                    }
                }
            }
            Repositories names = editor.done();
            durable.syncDirectory(layout.imageConfigs());
            writeNames(names);
            forgotten = left(before.names(), names);
            catalog = catalog.with(names, documents);
        } finally {
            changes.unlock();
        }
        content.removeUnneeded(forgotten);
        return moved;
    }

    /// How an image gets its names.
    enum Naming {
        /// They came along with it: that is no tagging.
        PULLED,
        GIVEN
    }

    /// @param config its digest is the ID
    /// @param target what the names stood for where they came from; empty for an image made here
    /// @param manifests by which it came, and [blobs][Repositories.Facts] that are kept for it
    /// @param parent what it was made from here
    record NewImage(
            Digest id,
            byte[] config,
            ImageDocument document,
            List<Reference> names,
            Naming naming,
            Optional<Descriptor> target,
            List<Digest> manifests,
            List<Digest> blobs,
            Optional<Digest> parent) {
        NewImage(Digest id, byte[] config, ImageDocument document, List<Reference> names) {
            this(
                    id,
                    config,
                    document,
                    names,
                    Naming.GIVEN,
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    Optional.empty());
        }

        static NewImage pulled(
                byte[] config,
                ImageDocument document,
                List<Reference> names,
                Descriptor target,
                List<Digest> manifests) {
            return new NewImage(
                    Digest.of(config),
                    config,
                    document,
                    names,
                    Naming.PULLED,
                    Optional.of(target),
                    manifests,
                    List.of(),
                    Optional.empty());
        }

        NewImage withParent(Optional<Digest> base) {
            return new NewImage(
                    id, config, document, names, naming, target, manifests, blobs, base);
        }

        /// As it came, with what is kept of that beside its layers.
        NewImage as(Descriptor came, List<Digest> documents, List<Digest> kept) {
            return new NewImage(
                    id,
                    config,
                    document,
                    names,
                    naming,
                    Optional.of(came),
                    documents,
                    kept,
                    parent);
        }
    }

    /// Documents that nothing refers to any more.
    private static Set<Digest> left(Repositories before, Repositories after) {
        Set<Digest> documents = before.kept();
        documents.removeAll(after.kept());
        return documents;
    }

    // --- where they came from

    /// A manifest or an index as it came, byte for byte.
    public record StoredManifest(Descriptor descriptor, byte[] bytes) {}

    /// One of several images under a name.
    ///
    /// @param manifest as the index describes it
    /// @param image its ID if it is here
    public record PlatformImage(Descriptor manifest, Optional<Digest> image) {}

    /// The manifest with which an image came, the latest one; of another image of the same name, if a
    /// platform is asked for.
    public Optional<StoredManifest> manifest(Digest image, Optional<Platform> platform) {
        return provenance().manifest(image, platform);
    }

    /// What a name stood for where it came from: an index, or the manifest of one image.
    public Optional<StoredManifest> target(Reference name) {
        return catalog.names().target(name).flatMap(t -> provenance().read(t.digest()));
    }

    /// The manifest by which an index has an image.
    Optional<StoredManifest> member(Descriptor index, Digest image) {
        return provenance().member(index.digest(), image);
    }

    /// A manifest or an index that is known from where images came, if it is here.
    public Optional<StoredManifest> document(Digest digest) {
        return provenance().read(digest);
    }

    /// Where the image's name came from, without reading it.
    ///
    /// @param nameOrId as [#find] takes it; by ID, the target of any of the image's names counts
    public Optional<Descriptor> targetOf(String nameOrId) {
        return provenance().targetOf(nameOrId);
    }

    /// Like [#targetOf(String)].
    public Optional<Descriptor> targetOf(Image image) {
        return provenance().targetOf(image);
    }

    /// Like [#index(String)].
    public List<PlatformImage> index(Image image) {
        return targetOf(image).map(t -> provenance().index(t.digest())).orElse(List.of());
    }

    /// The images that an index has, those of other platforms too; empty without an index.
    public List<PlatformImage> index(String nameOrId) {
        return provenance().index(nameOrId);
    }

    /// The image that came with a manifest, if it is here.
    public Optional<Image> byManifest(Digest manifest) {
        return Optional.ofNullable(provenance().imagesByManifest().get(manifest))
                .flatMap(this::find);
    }

    /// What matters of a configuration before its image is here.
    public record Described(Platform platform, List<Digest> diffIds) {}

    /// @throws InvalidParameter if it is no configuration of an image
    public static Described describe(byte[] config) {
        ImageDocument document =
                ImageDocument.parse("image configuration " + Digest.of(config), config);
        return new Described(document.platform(), document.diffIds());
    }

    /// What a configuration describes, as an image that has no name and is not in the store.
    ///
    /// @throws InvalidParameter if it is no configuration of an image
    public static Image read(byte[] config) {
        Digest id = Digest.of(config);
        return Catalog.unnamed(id, ImageDocument.parse("image configuration " + id, config));
    }

    /// The image of a name for a platform, if it is here.
    public Optional<Image> find(String nameOrId, Platform platform) {
        return provenance().find(nameOrId, platform);
    }

    /// Repositories of which it is known that they have a blob: an image with it came from there, or
    /// went there.
    public List<Reference> repositoriesWith(Digest blob) {
        return provenance().repositoriesWith(blob);
    }

    /// Bytes of a blob by what refers to it; negative if nothing says.
    long sizeOf(Digest blob) {
        return provenance().sizeOf(blob);
    }

    /// The blobs of the store.
    Content content() {
        return content;
    }

    private Provenance provenance() {
        return new Provenance(catalog, content);
    }

    /// Begins to bring in images from elsewhere.
    public ImageIntake intake() {
        return new ImageIntake(this, content, imports);
    }

    /// Begins to bring in a layer.
    ///
    /// @param blob its size is negative if it is not known
    /// @param bound bytes that it may unpack to
    /// @throws Conflict if it is being brought in already
    public IncomingLayer incoming(Descriptor blob, long bound) throws IOException {
        return new IncomingLayer(content, imports, blob, bound);
    }

    /// Notes where an image has gone: from now on it has this name with a digest too.
    ///
    /// @param manifest the bytes that are there now, its manifest or an index with it
    public void pushed(Digest image, Reference repository, StoredManifest manifest)
            throws IOException {
        Descriptor target = manifest.descriptor();
        try (var ingest = content.ingest()) {
            ingest.out().write(manifest.bytes());
            ingest.verify(target.digest());
            try (var _ = content.publish(List.of(ingest))) {
                changes.lock();
                try {
                    if (catalog.find(image).isEmpty()) {
                        return;
                    }
                    Reference name =
                            new Reference(
                                    repository.domain(),
                                    repository.path(),
                                    Optional.empty(),
                                    Optional.of(target.digest()));
                    Repositories names = catalog.names().withPulled(name, image, target);
                    if (!Manifest.isIndex(target.mediaType())) {
                        names = names.withManifests(image, List.of(target.digest()));
                    }
                    writeNames(names);
                    catalog = catalog.with(names, catalog.documents());
                } finally {
                    changes.unlock();
                }
            }
        }
    }

    // --- names

    /// Gives an image one more name, taking it from another if need be.
    ///
    /// @param target without a digest; `latest` unless it has a tag
    /// @throws NotFound if there is no such image
    public Image tag(String source, Reference target) throws IOException {
        Image image = get(source);
        if (target.digest().isPresent()) {
            throw new InvalidParameter("refusing to create a tag with a digest reference");
        }
        Set<Digest> forgotten;
        changes.lock();
        try {
            Repositories before = catalog.names();
            Repositories names =
                    before.with(target.orLatest(), image.id(), targetOf(source), clock.instant());
            writeNames(names);
            forgotten = left(before, names);
            catalog = catalog.with(names, catalog.documents());
        } finally {
            changes.unlock();
        }
        content.removeUnneeded(forgotten);
        return catalog.find(image.id()).orElse(image);
    }

    /// Gives an image a name that stands for something made of it here: documents and blobs that are
    /// published already, and held.
    void nameMade(Digest id, Reference name, Descriptor target, Repositories.Made made)
            throws IOException {
        Set<Digest> forgotten;
        changes.lock();
        try {
            if (catalog.find(id).isEmpty()) {
                throw new NotFound("No such image: " + id);
            }
            Repositories before = catalog.names();
            Repositories.Editor editor = before.edit();
            editor.name(name, id, Optional.of(target), clock.instant());
            editor.made(target.digest(), made);
            Repositories names = editor.done();
            writeNames(names);
            forgotten = left(before, names);
            catalog = catalog.with(names, catalog.documents());
        } finally {
            changes.unlock();
        }
        content.removeUnneeded(forgotten);
    }

    /// Takes names from an image. It stays, also without any.
    ///
    /// @param names all of the image's if there is none
    /// @return those that it had
    /// @throws NotFound if it has not one of them
    public List<Reference> untag(String nameOrId, List<Reference> names) throws IOException {
        List<Reference> gone;
        Set<Digest> forgotten;
        changes.lock();
        try {
            Image image = get(nameOrId);
            Repositories before = catalog.names();
            var all = new LinkedHashSet<>(image.repoTags());
            all.addAll(image.repoDigests());
            gone = names.isEmpty() ? List.copyOf(all) : names;
            for (Reference name : gone) {
                if (!all.contains(name)) {
                    throw new NotFound(
                            "image " + shown(nameOrId) + " has no name " + name.familiar());
                }
            }
            Repositories after = before.without(gone);
            writeNames(after);
            forgotten = left(before, after);
            catalog = new Catalog(after, catalog.documents(), this::size);
        } finally {
            changes.unlock();
        }
        content.removeUnneeded(forgotten);
        return List.copyOf(gone);
    }

    /// What `docker rmi` asks for.
    public enum Force {
        NO,
        YES
    }

    public enum Parents {
        PRUNE,
        KEEP
    }

    /// Removes a name, and the image with its layers when it was the last one; see Docker's
    /// `rmi`.
    ///
    /// @throws NotFound if there is no such image
    /// @throws Conflict if it is in use, in Docker's words
    public List<Removal> remove(String nameOrId, Force force, Parents parents, ImageUse use)
            throws IOException {
        var removals = new ArrayList<Removal>();
        Set<Digest> forgotten;
        boolean deleted;
        changes.lock();
        try {
            Repositories before = catalog.names();
            var removal = new ImageRemoval(catalog, get(nameOrId), nameOrId, force, parents, use);
            removal.run();
            removals.addAll(removal.removals());
            Catalog after = removal.after();
            writeNames(after.names());
            forgotten = left(before, after.names());
            deleted = !removal.deleted().isEmpty();
            for (Digest id : removal.deleted()) {
                durable.delete(layout.imageConfig(id));
            }
            catalog = catalog.with(after.names(), after.documents());
        } finally {
            changes.unlock();
        }
        content.removeUnneeded(forgotten);
        if (deleted) {
            removals.addAll(collect());
        }
        return List.copyOf(removals);
    }

    /// Removes layers that nothing needs any more. For whoever has let go of some.
    public void collectLayers() throws IOException {
        collect();
    }

    /// Removes layers that nothing needs, and the blobs that they came as.
    private List<Removal> collect() throws IOException {
        if (!damaged.isEmpty()) {
            return List.of(); // nobody knows which layers they need
        }
        var roots = new HashSet<Digest>();
        for (Image image : catalog.images()) {
            image.chainId().ifPresent(roots::add);
        }
        var removals = new ArrayList<Removal>();
        var blobs = new HashSet<Digest>();
        for (Layer layer : layers.collect(roots)) {
            removals.add(new Removal.Deleted(layer.chainId()));
            blobs.addAll(layer.blobs());
        }
        content.removeUnneeded(blobs);
        return removals;
    }

    Set<Digest> neededBlobs() {
        var needed = new HashSet<>(catalog.names().kept());
        for (Layer layer : layers.list()) {
            needed.addAll(layer.blobs());
        }
        layers.damaged().values().forEach(needed::addAll);
        return needed;
    }

    private void writeNames(Repositories names) throws IOException {
        durable.write(layout.repositories(), names.write(), Durable.Sync.NOW);
    }

    /// What images take on the disk.
    public ImageSizes sizes() {
        List<Image> images = list();
        var users = new HashMap<Digest, Integer>();
        for (Image image : images) {
            ChainId.of(image.diffIds()).forEach(chainId -> users.merge(chainId, 1, Integer::sum));
        }
        long all = users.keySet().stream().mapToLong(this::layerSize).sum();
        var shared = new HashMap<Digest, Long>();
        for (Image image : images) {
            shared.put(
                    image.id(),
                    ChainId.of(image.diffIds()).stream()
                            .filter(chainId -> users.getOrDefault(chainId, 0) > 1)
                            .mapToLong(this::layerSize)
                            .sum());
        }
        return new ImageSizes(all, shared);
    }

    private long layerSize(Digest chainId) {
        return layers.find(chainId).map(Layer::size).orElse(0L);
    }

    private long size(List<Digest> diffIds) {
        long size = 0;
        for (Digest chainId : ChainId.of(diffIds)) {
            size += layerSize(chainId);
        }
        return size;
    }

    /// Diff IDs and blobs that some layer here has.
    Set<Digest> knownLayers() {
        var known = new HashSet<Digest>();
        for (Layer layer : layers.list()) {
            known.add(layer.diffId());
            layer.blob().ifPresent(known::add);
        }
        return Collections.unmodifiableSet(known);
    }
}
