package dev.corten.store.migration;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarWriter;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.container.ContainerStatus;
import dev.corten.store.document.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The data root of a Docker Engine with the storage driver overlay2, by default `/var/lib/docker`.
/// Its daemon may run, but then a container or volume that it changes meanwhile is read as it happens
/// to be.
public final class DockerRoot {
    private static final int MAX_FILE = 64 << 20;
    private static final int MAX_LAYERS = 127;
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    private final Path root;

    /// What is known of volumes, once it has been read.
    private @Nullable Map<String, byte[]> volumeRecords;

    private DockerRoot(Path root) {
        this.root = root;
    }

    /// @throws InvalidParameter if this is no such directory
    public static DockerRoot open(Path root) {
        if (!root.isAbsolute()) {
            throw new InvalidParameter("the path must be absolute: " + root);
        }
        if (!isOne(root)) {
            throw new InvalidParameter(
                    root
                            + " is not the data root of a Docker Engine with the storage driver"
                            + " overlay2: image/overlay2/layerdb and containers are not there");
        }
        return new DockerRoot(root);
    }

    /// Whether a directory is the data root of a Docker Engine, and not one of ours.
    public static boolean isOne(Path root) {
        return Files.isDirectory(root.resolve("image/overlay2/layerdb"))
                && Files.isDirectory(root.resolve("containers"))
                && !Files.exists(root.resolve("format"));
    }

    // --- images

    /// An image.
    ///
    /// @param names with tags; none for one that is only known by its ID
    /// @param chains its layers' chain IDs, the lowest first
    public record ForeignImage(
            Digest id, List<String> names, List<Digest> diffIds, List<Digest> chains) {
        public ForeignImage {
            names = List.copyOf(names);
            diffIds = List.copyOf(diffIds);
            chains = List.copyOf(chains);
        }
    }

    private Path layer(Digest chain) {
        return root.resolve("image/overlay2/layerdb/sha256").resolve(chain.hex());
    }

    private Path config(Digest id) {
        return root.resolve("image/overlay2/imagedb/content/sha256").resolve(id.hex());
    }

    /// IDs with their names: those with a name, and of the others those that no image was built on.
    public Map<Digest, List<String>> images() throws IOException {
        Map<Digest, List<String>> names = names();
        var parents = new HashSet<Digest>();
        var all = new LinkedHashSet<Digest>();
        for (Path file : list(root.resolve("image/overlay2/imagedb/content/sha256"))) {
            String name = file.getFileName().toString();
            if (HEX.matcher(name).matches()) {
                all.add(new Digest(name));
                Path metadata = root.resolve("image/overlay2/imagedb/metadata/sha256");
                text(metadata.resolve(name).resolve("parent"))
                        .filter(parent -> DIGEST.matcher(parent).matches())
                        .ifPresent(parent -> parents.add(Digest.parse(parent)));
            }
        }
        var images = new LinkedHashMap<Digest, List<String>>();
        for (Digest id : all) {
            if (names.containsKey(id) || !parents.contains(id)) {
                images.put(id, names.getOrDefault(id, List.of()));
            }
        }
        return images;
    }

    private Map<Digest, List<String>> names() throws IOException {
        var names = new TreeMap<Digest, List<String>>();
        Path file = root.resolve("image/overlay2/repositories.json");
        if (!Files.exists(file)) {
            return names;
        }
        Json json = Json.parse(file.toString(), read(file)).requireObject();
        Map<String, Json> repositories =
                json.member("Repositories").map(Json::members).orElse(Map.of());
        for (Json repository : repositories.values()) {
            repository
                    .members()
                    .forEach((name, id) -> {
                        // What it was called in a registry cannot be said without its manifest,
                        // which Docker has not kept.
                        if (!name.contains("@")) {
                            names.computeIfAbsent(id.asDigest(), _ -> new ArrayList<>()).add(name);
                        }
                    });
        }
        return names;
    }

    /// @param names as [#images] has them
    /// @throws InvalidParameter if it is damaged
    public ForeignImage image(Digest id, List<String> names) throws IOException {
        byte[] config = read(config(id));
        if (!Digest.of(config).equals(id)) {
            throw new InvalidParameter("image " + id + " is damaged: its digest is another one");
        }
        Json rootfs = Json.parse("image " + id, config).requireObject().require("rootfs");
        List<Digest> diffIds =
                rootfs.member("diff_ids")
                        .map(ids -> ids.elements().stream().map(Json::asDigest).toList())
                        .orElse(List.of());
        if (diffIds.size() > MAX_LAYERS) {
            throw new InvalidParameter("image " + id + " has " + diffIds.size() + " layers");
        }
        return new ForeignImage(id, names, diffIds, chains(diffIds));
    }

    /// The OCI image specification's ChainID.
    private static List<Digest> chains(List<Digest> diffIds) {
        var chains = new ArrayList<Digest>();
        for (Digest diffId : diffIds) {
            chains.add(
                    chains.isEmpty()
                            ? diffId
                            : Digest.of(
                                    (chains.getLast() + " " + diffId)
                                            .getBytes(StandardCharsets.UTF_8)));
        }
        return chains;
    }

    /// An image as `docker save` would write it, whose layers are put together while they are read.
    public InputStream archive(ForeignImage image) throws IOException {
        var layers = new LinkedHashMap<Digest, Digest>();
        for (int i = 0; i < image.diffIds().size(); i++) {
            layers.putIfAbsent(image.diffIds().get(i), image.chains().get(i));
        }
        var parts = new ArrayList<Part>();
        layers.forEach((diffId, chain) -> addLayer(parts, diffId, chain));
        parts.add(member(blob(image.id()), read(config(image.id()))));
        parts.add(member("manifest.json", manifest(image)));
        parts.add(() -> new ByteArrayInputStream(new byte[2 * TarWriter.BLOCK]));
        return new SequenceInputStream(opened(parts.iterator()));
    }

    private static String blob(Digest digest) {
        return "blobs/sha256/" + digest.hex();
    }

    private static byte[] manifest(ForeignImage image) {
        var json = Json.MAPPER.createArrayNode();
        var item = json.addObject();
        item.put("Config", blob(image.id()));
        var names = item.putArray("RepoTags");
        image.names().forEach(names::add);
        var layers = item.putArray("Layers");
        image.diffIds().forEach(diffId -> layers.add(blob(diffId)));
        return Json.MAPPER.writeValueAsBytes(json);
    }

    /// A piece of an archive, opened when it is its turn.
    private interface Part {
        InputStream open() throws IOException;
    }

    private static Part member(String name, byte[] content) {
        return () -> {
            var out = new ByteArrayOutputStream();
            new TarWriter(out).add(TarEntry.file(name, 0644, content.length), content);
            return new ByteArrayInputStream(out.toByteArray());
        };
    }

    private void addLayer(List<Part> parts, Digest diffId, Digest chain) {
        Path record = layer(chain);
        Path split = record.resolve("tar-split.json.gz");
        parts.add(() -> {
            var out = new ByteArrayOutputStream();
            new TarWriter(out).begin(TarEntry.file(blob(diffId), 0644, TarSplit.size(split)));
            return new ByteArrayInputStream(out.toByteArray());
        });
        parts.add(() -> TarSplit.open(split, directory(required(record.resolve("cache-id")))));
        parts.add(() -> {
            int over = (int) (TarSplit.size(split) % TarWriter.BLOCK);
            return new ByteArrayInputStream(new byte[over == 0 ? 0 : TarWriter.BLOCK - over]);
        });
    }

    // SequenceInputStream takes nothing newer.
    @SuppressWarnings("JdkObsolete")
    private static Enumeration<InputStream> opened(Iterator<Part> parts) {
        return new Enumeration<>() {
            @Override
            public boolean hasMoreElements() {
                return parts.hasNext();
            }

            @Override
            public InputStream nextElement() {
                try {
                    return parts.next().open();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    /// The files of a layer or of a container.
    private Path directory(String cacheId) {
        if (cacheId.contains("/") || cacheId.startsWith(".")) {
            throw new InvalidParameter("not the name of a layer: " + cacheId);
        }
        return root.resolve("overlay2").resolve(cacheId).resolve("diff");
    }

    // --- volumes

    /// Names of those of the local driver.
    public List<String> volumes() throws IOException {
        return list(root.resolve("volumes")).stream()
                .filter(folder -> Files.isDirectory(folder.resolve("_data")))
                .map(folder -> folder.getFileName().toString())
                .toList();
    }

    /// @param name as [#volumes] has it
    /// @throws InvalidParameter if what is known of it is damaged
    public ForeignVolume volume(String name) throws IOException {
        Path folder = root.resolve("volumes").resolve(name);
        byte[] metadata = volumeRecords().get(name);
        Map<String, String> labels =
                metadata == null
                        ? Map.of()
                        : texts(Json.parse("volume " + name, metadata), "Labels");
        return new ForeignVolume(
                name, folder.resolve("_data"), labels, options(folder.resolve("opts.json")));
    }

    private Map<String, byte[]> volumeRecords() throws IOException {
        Map<String, byte[]> known = volumeRecords;
        if (known == null) {
            Path database = root.resolve("volumes/metadata.db");
            known = Files.exists(database) ? BoltFile.bucket(database, "volumes") : Map.of();
            volumeRecords = known;
        }
        return known;
    }

    private static Map<String, String> options(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Map.of();
        }
        Json json = Json.parse(file.toString(), read(file)).requireObject();
        var options = new LinkedHashMap<String, String>();
        put(options, "type", json.text("MountType"));
        put(options, "o", json.text("MountOpts"));
        put(options, "device", json.text("MountDevice"));
        return options;
    }

    private static void put(Map<String, String> options, String name, String value) {
        if (!value.isEmpty()) {
            options.put(name, value);
        }
    }

    private static Map<String, String> texts(Json json, String name) {
        Map<String, String> texts = json.requireObject().map(name);
        return texts == null ? Map.of() : texts;
    }

    // --- containers

    /// IDs of the containers, in their order.
    public List<ContainerId> containers() throws IOException {
        var ids = new ArrayList<ContainerId>();
        for (Path folder : list(root.resolve("containers"))) {
            String name = folder.getFileName().toString();
            if (HEX.matcher(name).matches() && Files.exists(folder.resolve("config.v2.json"))) {
                ids.add(new ContainerId(name));
            }
        }
        return ids;
    }

    /// One that does not run.
    ///
    /// @throws InvalidParameter if it runs, or is of another storage driver
    public ForeignContainer container(ContainerId id) throws IOException {
        Path folder = root.resolve("containers").resolve(id.hex());
        Path file = folder.resolve("config.v2.json");
        byte[] bytes = read(file);
        Json json = Json.parse(file.toString(), bytes).requireObject();
        String name = json.text("Name").replaceFirst("^/", "");
        Json state = json.require("State").requireObject();
        if (state.flag("Running") || state.flag("Paused") || state.flag("Restarting")) {
            throw new InvalidParameter("it runs; stop it first");
        }
        if (!json.text("Driver").equals("overlay2")) {
            throw new InvalidParameter("its storage driver is " + json.text("Driver"));
        }
        String mount =
                required(
                        root.resolve("image/overlay2/layerdb/mounts")
                                .resolve(id.hex())
                                .resolve("mount-id"));
        return new ForeignContainer(
                id,
                name,
                json.time("Created").orElse(Instant.EPOCH),
                json.require("Image").asDigest(),
                json.require("Config").bytes(),
                read(folder.resolve("hostconfig.json")),
                status(state),
                directory(mount),
                folder.resolve(id.hex() + "-json.log"),
                mounts(json));
    }

    /// A start that was never made has the zero time of Go.
    private static ContainerStatus status(Json state) {
        Optional<Instant> started = state.time("StartedAt").filter(DockerRoot::isSet);
        Optional<Instant> finished = state.time("FinishedAt").filter(DockerRoot::isSet);
        int exitCode = (int) state.number("ExitCode");
        return started.isPresent()
                ? new ContainerStatus.Exited(
                        exitCode,
                        state.flag("OOMKilled"),
                        started.get(),
                        finished.orElse(started.get()),
                        state.text("Error"))
                : new ContainerStatus.Created(state.text("Error"), exitCode);
    }

    private static boolean isSet(Instant time) {
        return time.isAfter(Instant.EPOCH);
    }

    private static List<ForeignContainer.Mount> mounts(Json json) {
        var mounts = new ArrayList<ForeignContainer.Mount>();
        for (Json point :
                json.member("MountPoints").map(m -> m.members().values()).orElse(Set.of())) {
            if (point.text("Type").equals("volume")) {
                mounts.add(
                        new ForeignContainer.Mount(
                                point.text("Name"), point.text("Destination"), point.flag("RW")));
            }
        }
        return mounts;
    }

    // --- files

    private static List<Path> list(Path directory) throws IOException {
        var entries = new ArrayList<Path>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            files.forEach(entries::add);
        } catch (NoSuchFileException e) {
            return List.of();
        }
        Collections.sort(entries);
        return entries;
    }

    private static byte[] read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE + 1);
            if (bytes.length > MAX_FILE) {
                throw new InvalidParameter(file + " is larger than " + MAX_FILE + " bytes");
            }
            return bytes;
        }
    }

    private static Optional<String> text(Path file) throws IOException {
        try {
            return Optional.of(new String(read(file), StandardCharsets.UTF_8).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static String required(Path file) throws IOException {
        return text(file).orElseThrow(() -> new InvalidParameter(file + " is missing"));
    }
}
