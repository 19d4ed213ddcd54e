package dev.corten.engine.build.output;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarReader;
import dev.corten.archive.TarWriter;
import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.graph.BuildPlan;
import dev.corten.build.graph.PlannedStage;
import dev.corten.build.solve.Listener;
import dev.corten.build.solve.Vertex;
import dev.corten.build.work.Tree;
import dev.corten.engine.build.output.ExportRequest.Invocation;
import dev.corten.engine.build.output.ExportRequest.Target;
import dev.corten.engine.event.Events;
import dev.corten.engine.push.Pushes;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.History;
import dev.corten.model.image.ImageConfig;
import dev.corten.registry.client.Proxies;
import dev.corten.registry.client.RegistryClient;
import dev.corten.registry.client.RegistrySettings;
import dev.corten.registry.server.RegistryServer;
import dev.corten.registry.server.settings.ServerSettings;
import dev.corten.store.Durable;
import dev.corten.store.Store;
import dev.corten.store.image.BuiltImage;
import dev.corten.store.image.OutgoingImages;
import dev.corten.store.snapshot.ChainId;
import dev.corten.store.snapshot.Layers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A store and a registry in this process, and results of builds that nobody has built.
public final class Results implements AutoCloseable {
    public static final Listener SILENT =
            new Listener() {
                @Override
                public void begun(Vertex vertex) {}

                @Override
                public void wrote(Vertex vertex, int stream, byte[] bytes) {}

                @Override
                public void ended(Vertex vertex, End end) {}
            };

    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

    private final Path dir;
    public final RegistryServer server;
    public final String host;
    public final Store store;
    public final RegistryClient client;
    public final Pushes pushes;
    private final List<Tree> trees = new ArrayList<>();

    public Results(Path dir) throws Exception {
        this.dir = dir;
        Files.createDirectories(dir);
        server =
                new RegistryServer(
                        ServerSettings.read(
                                Optional.empty(),
                                Map.of(
                                        "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY",
                                        dir.resolve("registry").toString(),
                                        "REGISTRY_LOG_ACCESSLOG_DISABLED",
                                        "true",
                                        "REGISTRY_HTTP_ADDR",
                                        "127.0.0.1:0")));
        server.open();
        host = "127.0.0.1:" + server.address().getPort();
        store = Store.open(dir.resolve("root"), new Durable(), Clock.systemUTC());
        client =
                new RegistryClient(() ->
                        new RegistrySettings(
                                List.of(), List.of(), List.of(), Proxies.NONE, "test/1"));
        pushes =
                new Pushes(
                        store.images(),
                        new OutgoingImages(
                                store.images(),
                                store.content(),
                                store.layers(),
                                store.layerArchive()),
                        client,
                        () -> 2,
                        new Events(Clock.systemUTC()));
    }

    @Override
    public void close() throws IOException {
        trees.forEach(Tree::close);
        server.close();
        store.close();
        try (Fd parent = FileCalls.openDirectory(dir.toString())) {
            Directories.deleteTree(parent, "root");
        }
    }

    // --- results

    /// Layers of one file each, the lowest first, which stay until the end.
    ///
    /// @return their diff IDs
    public List<Digest> layers(String... files) throws IOException {
        var diffIds = new ArrayList<Digest>();
        try (var session = store.layerImport().session()) {
            var chain = session.chain();
            for (String file : files) {
                byte[] content = ("content of " + file).getBytes(StandardCharsets.UTF_8);
                var out = new ByteArrayOutputStream();
                var tar = new TarWriter(out);
                tar.add(TarEntry.file(file, 0644, content.length).withMtime(TIME), content);
                tar.finish();
                var staged =
                        store.layerImport()
                                .unpack(
                                        new ByteArrayInputStream(out.toByteArray()),
                                        TarReader.End.MARKED);
                diffIds.add(staged.diffId());
                if (chain.addExisting(staged.diffId())) {
                    staged.close();
                } else {
                    staged.take();
                    chain.add(staged, Optional.empty());
                }
            }
            session.sync();
            session.commit();
            tree(diffIds, Digest.of(new byte[0]));
        }
        return diffIds;
    }

    /// A tree of layers that are here.
    public Tree tree(List<Digest> diffIds, Digest content) {
        Digest top = ChainId.of(diffIds).getLast();
        Tree tree = new Stored(top, content, store.layers().pin(top).orElseThrow());
        trees.add(tree);
        return tree;
    }

    /// For the closing of whoever asked for it.
    public Tree tree(Optional<Digest> chainId, Digest content) {
        Digest top = chainId.orElseThrow();
        return new Stored(top, content, store.layers().pin(top).orElseThrow());
    }

    private final class Stored implements Tree {
        private final Digest top;
        private final Digest content;
        private final Layers.Pin pin;

        Stored(Digest top, Digest content, Layers.Pin pin) {
            this.top = top;
            this.content = content;
            this.pin = pin;
        }

        @Override
        public Optional<Digest> chainId() {
            return Optional.of(top);
        }

        @Override
        public Fd open() throws IOException {
            return store.snapshots().mountReadOnly(top);
        }

        @Override
        public Digest content() {
            return content;
        }

        @Override
        public Tree share() {
            return new Stored(top, content, store.layers().pin(top).orElseThrow());
        }

        @Override
        public void close() {
            pin.close();
        }
    }

    public Finished finished(Platform platform, String... files) throws Exception {
        List<Digest> diffIds = layers(files);
        var image =
                new BuiltImage(
                        platform,
                        "",
                        ImageConfig.EMPTY,
                        diffIds,
                        List.of(new History(Optional.of(TIME), "COPY a", "", "", false)),
                        Optional.of(TIME),
                        "",
                        Optional.empty(),
                        List.of(),
                        Optional.empty());
        Dockerfile file =
                Dockerfile.parse("FROM scratch\nCOPY a /\n".getBytes(StandardCharsets.UTF_8));
        var stage =
                new PlannedStage(
                        file.stages().getFirst(),
                        "stage-0",
                        "scratch",
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        ImageConfig.EMPTY);
        return new Finished(
                Optional.of(tree(diffIds, image.id())),
                image,
                new BuildPlan(file, platform, List.of(stage), stage),
                List.of(new Material("pkg:docker/b@1", new TreeMap<>(Map.of("sha256", "00")))));
    }

    // --- requests

    public Request request(String... names) {
        return new Request(names);
    }

    /// A request under construction.
    public static final class Request {
        private final List<Reference> names = new ArrayList<>();
        private final List<Target> targets = new ArrayList<>();
        private final SortedMap<String, String> annotations = new TreeMap<>();
        private final SortedMap<String, String> attestations = new TreeMap<>();
        private Optional<Instant> epoch = Optional.empty();
        private boolean several;

        private Request(String... names) {
            for (String name : names) {
                this.names.add(Reference.parse(name).orLatest());
            }
        }

        Request to(Target target) {
            targets.add(target);
            return this;
        }

        Request several() {
            several = true;
            return this;
        }

        Request at(Instant time) {
            epoch = Optional.of(time);
            return this;
        }

        Request annotate(String key, String value) {
            annotations.put(key, value);
            return this;
        }

        Request attest(String type, String parameters) {
            attestations.put(type, parameters);
            return this;
        }

        ExportRequest done() {
            return new ExportRequest(
                    targets,
                    names,
                    annotations,
                    attestations,
                    Map.of(),
                    epoch,
                    several,
                    new Invocation(
                            "Dockerfile",
                            "FROM scratch\n".getBytes(StandardCharsets.UTF_8),
                            "",
                            new TreeMap<>(Map.of("A", "1")),
                            new TreeMap<>(),
                            List.of(),
                            Optional.empty(),
                            TIME),
                    Optional.empty());
        }
    }
}
