package dev.corten.engine.build.remote;

import dev.corten.build.solve.CacheStore;
import dev.corten.build.solve.Listener;
import dev.corten.build.work.Tree;
import dev.corten.engine.build.output.Credentials;
import dev.corten.engine.build.output.ExportStep;
import dev.corten.engine.build.output.Finished;
import dev.corten.engine.build.output.LayerBlobs;
import dev.corten.engine.build.output.LayoutDocuments;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.registry.client.RegistryClient;
import dev.corten.registry.client.Repository;
import dev.corten.store.Store;
import dev.corten.store.image.Images.StoredManifest;
import dev.corten.store.snapshot.ChainId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads and writes the caches of builds elsewhere.
///
/// ```java
/// try (var caches = remote.open(local, from, to, credentials, trees, listener)) {
///     …                                            // solve with caches.cache()
///     caches.inline(result);                       // for the image, if it is asked for
///     caches.export(results, listener);
/// }
/// ```
public final class RemoteCaches {
    private static final System.Logger LOG = System.getLogger(RemoteCaches.class.getName());
    private static final Set<String> READABLE = Set.of("registry", "local");
    private static final Set<String> WRITABLE = Set.of("registry", "local", "inline");

    private final Store store;
    private final RegistryClient registries;

    public RemoteCaches(Store store, RegistryClient registries) {
        this.store = store;
        this.registries = registries;
    }

    /// Makes a tree of layers that are here: their chain ID, and what they hold.
    @FunctionalInterface
    public interface Trees {
        Tree of(Optional<Digest> chainId, Digest content);
    }

    /// Refuses what cannot be done, before the build begins.
    ///
    /// @throws InvalidParameter in BuildKit's words
    public static void check(List<CachePlace> to) {
        for (CachePlace place : to) {
            if (!WRITABLE.contains(place.type())) {
                throw new InvalidParameter("unknown cache exporter: \"" + place.type() + "\"");
            }
            String mode = place.attribute("mode", "min");
            if (!mode.equals("min") && !mode.equals("max")) {
                throw new InvalidParameter("invalid cache mode \"" + mode + "\": min or max");
            }
            if (place.type().equals("registry")) {
                reference(place, "exporter");
            }
            if (place.type().equals("local") && place.sink().isEmpty()) {
                throw new InvalidParameter("local cache exporter requires dest");
            }
        }
    }

    private static Reference reference(CachePlace place, String what) {
        String ref = place.attribute("ref", "");
        if (ref.isEmpty()) {
            throw new InvalidParameter("registry cache " + what + " requires ref");
        }
        return Reference.parse(ref).orLatest();
    }

    /// Begins with the caches of one build. One that is not there is no error, but shown.
    ///
    /// @param local what is remembered here
    /// @param credentials by the names that clients give to registries
    public Caches open(
            CacheStore<Tree> local,
            List<CachePlace> from,
            List<CachePlace> to,
            Map<String, RegistryCredentials> credentials,
            Trees trees,
            Listener listener)
            throws IOException, InterruptedException {
        check(to);
        var imported = new ArrayList<ImportedCache>();
        var names = new ArrayList<String>();
        boolean done = false;
        try {
            for (CachePlace place : from) {
                String name = name(place);
                Optional<ImportedCache> found = read(place, name, credentials, listener);
                found.ifPresent(imported::add);
                if (found.isPresent()) {
                    names.add(place.type() + " " + name);
                }
            }
            Optional<String> realm =
                    names.isEmpty()
                            ? Optional.empty()
                            : Optional.of(String.join("\n", names.stream().sorted().toList()));
            var cache = new BuildCache(local, imported, realm, trees);
            done = true;
            return new Caches(cache, imported, to, credentials);
        } finally {
            if (!done) {
                imported.forEach(ImportedCache::close);
            }
        }
    }

    private static String name(CachePlace place) {
        return place.attribute("ref", place.attribute("src", place.type()));
    }

    private Optional<ImportedCache> read(
            CachePlace place,
            String name,
            Map<String, RegistryCredentials> credentials,
            Listener listener)
            throws IOException, InterruptedException {
        try {
            return Optional.of(
                    ExportStep.of(
                            listener,
                            "importing cache manifest from " + name,
                            step -> read(place, credentials, step)));
        } catch (CortenException | IOException e) {
            // Shown already, as the end of the step: the build only takes longer.
            LOG.log(System.Logger.Level.DEBUG, () -> "cache " + name + " is not there", e);
            return Optional.empty();
        }
    }

    private ImportedCache read(
            CachePlace place, Map<String, RegistryCredentials> credentials, ExportStep step)
            throws IOException, InterruptedException {
        try {
            if (!READABLE.contains(place.type())) {
                throw new InvalidParameter("unknown cache importer: " + place.type());
            }
            var pull = new LayerPull(store);
            if (place.type().equals("registry")) {
                Reference ref = reference(place, "importer");
                Repository repository =
                        registries.pull(ref, Credentials.of(credentials, ref.domain()));
                return ImportedCache.read(
                        new RegistryBlobs(repository),
                        ref.digest().map(Digest::toString).or(ref::tag).orElse("latest"),
                        pull);
            }
            Tree files =
                    place.files()
                            .orElseThrow(
                                    () -> new InvalidParameter("local cache importer requires src"))
                            .open(List.of(""), step);
            return ImportedCache.read(
                    new FolderBlobs(files),
                    place.attribute("digest", place.attribute("tag", "latest")),
                    pull);
        } catch (CortenException e) {
            step.write(2, ("ERROR: " + e.message() + "\n").getBytes(StandardCharsets.UTF_8));
            throw e;
        }
    }

    /// The caches of one build.
    public final class Caches implements AutoCloseable {
        private final BuildCache cache;
        private final List<ImportedCache> imported;
        private final List<CachePlace> to;
        private final Map<String, RegistryCredentials> credentials;

        private Caches(
                BuildCache cache,
                List<ImportedCache> imported,
                List<CachePlace> to,
                Map<String, RegistryCredentials> credentials) {
            this.cache = cache;
            this.imported = imported;
            this.to = to;
            this.credentials = credentials;
        }

        /// What the build takes results from, and adds them to.
        public CacheStore<Tree> cache() {
            return cache;
        }

        /// Likewise, for a build that names a cache; others need none of their own.
        public Optional<CacheStore<Tree>> own() {
            return imported.isEmpty() && to.isEmpty() ? Optional.empty() : Optional.of(cache);
        }

        /// Whether images are to tell of the cache.
        public boolean isInline() {
            return to.stream().anyMatch(place -> place.type().equals("inline"));
        }

        /// What an image is to tell; empty: nothing.
        public Optional<byte[]> inline(Finished result) throws IOException {
            if (!isInline()) {
                return Optional.empty();
            }
            try (var export = CacheExport.of(cache, store.layers(), chains(List.of(result)))) {
                return export.isEmpty()
                        ? Optional.empty()
                        : Optional.of(export.inline(result.diffIds()).write(true));
            }
        }

        /// Writes the cache to where it is asked for.
        public void export(List<Finished> results, Listener listener)
                throws IOException, InterruptedException {
            for (CachePlace place : to) {
                if (place.type().equals("inline")) {
                    continue;
                }
                try {
                    ExportStep.of(
                            listener,
                            place.type().equals("registry")
                                    ? "exporting cache to registry"
                                    : "exporting cache to client directory",
                            step -> export(place, results, step));
                } catch (CortenException | IOException e) {
                    if (!place.attribute("ignore-error", "false").equals("true")) {
                        throw e;
                    }
                    LOG.log(System.Logger.Level.DEBUG, "a cache could not be exported", e);
                }
            }
        }

        private boolean export(CachePlace place, List<Finished> results, ExportStep step)
                throws IOException, InterruptedException {
            boolean all = place.attribute("mode", "min").equals("max");
            try (var export =
                            CacheExport.of(
                                    cache,
                                    store.layers(),
                                    all ? Optional.empty() : chains(results));
                    var blobs = new LayerBlobs(store)) {
                CacheDocument document = export.document();
                Map<Digest, Descriptor> layers =
                        step.part("preparing build cache for export", _ -> layers(export, blobs));
                byte[] config = document.write(false);
                StoredManifest manifest =
                        LayoutDocuments.cache(
                                ImportedCache.CONFIG_TYPE, config, document.diffIds(), layers);
                if (place.type().equals("registry")) {
                    push(place, manifest, config, layers, blobs, step);
                } else {
                    try (InputStream tar =
                            LayoutDocuments.archive(
                                    manifest,
                                    config,
                                    layers.values(),
                                    blobs,
                                    place.attribute("tag", "latest"))) {
                        place.sink().orElseThrow().take(tar);
                    }
                }
                step.done("writing cache image manifest " + manifest.descriptor().digest());
                return true;
            }
        }

        private Map<Digest, Descriptor> layers(CacheExport export, LayerBlobs blobs)
                throws IOException {
            var layers = new LinkedHashMap<Digest, Descriptor>();
            for (List<Digest> chain : export.chains()) {
                List<Descriptor> found = blobs.of(chain);
                for (int i = 0; i < chain.size(); i++) {
                    layers.putIfAbsent(chain.get(i), found.get(i));
                }
            }
            return layers;
        }

        private void push(
                CachePlace place,
                StoredManifest manifest,
                byte[] config,
                Map<Digest, Descriptor> layers,
                LayerBlobs blobs,
                ExportStep step)
                throws IOException, InterruptedException {
            Reference ref = reference(place, "exporter");
            Repository repository = registries.push(ref, Credentials.of(credentials, ref.domain()));
            for (Descriptor layer : layers.values()) {
                String part = "writing layer " + layer.digest();
                if (!repository.has(layer.digest())) {
                    repository.upload(
                            layer,
                            offset -> skipped(blobs.open(layer.digest()), offset),
                            sent -> step.progress(part, sent, layer.size(), false));
                }
                step.done(part);
            }
            Descriptor described =
                    Descriptor.of(ImportedCache.CONFIG_TYPE, Digest.of(config), config.length);
            if (!repository.has(described.digest())) {
                repository.upload(
                        described,
                        offset -> skipped(new ByteArrayInputStream(config), offset),
                        _ -> {});
            }
            step.done("writing config " + described.digest());
            repository.putManifest(
                    ref.tag().orElse("latest"),
                    manifest.descriptor().mediaType(),
                    manifest.bytes());
        }

        private static InputStream skipped(InputStream in, long offset) throws IOException {
            in.skipNBytes(offset);
            return in;
        }

        /// The results that are parts of these.
        private static Optional<Set<Digest>> chains(List<Finished> results) {
            var chains = new HashSet<Digest>();
            results.forEach(result -> chains.addAll(ChainId.of(result.diffIds())));
            return Optional.of(chains);
        }

        @Override
        public void close() {
            imported.forEach(ImportedCache::close);
        }
    }
}
