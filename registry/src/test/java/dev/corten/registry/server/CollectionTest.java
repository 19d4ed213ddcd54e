package dev.corten.registry.server;

import static dev.corten.registry.server.RunningRegistry.OCI_INDEX;
import static dev.corten.registry.server.RunningRegistry.OCI_MANIFEST;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.model.Digest;
import dev.corten.registry.server.collect.Collection;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the collection deletes and what it leaves alone, beside pushes too.
final class CollectionTest {
    @TempDir private Path root;
    private RunningRegistry registry;

    @BeforeEach
    void open() throws Exception {
        registry = new RunningRegistry(root);
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private Collection.Report collect(Duration grace, boolean untagged, boolean dryRun)
            throws IOException {
        var options = new Collection.Options(grace, untagged, dryRun);
        return new Collection(registry.storage(), options, _ -> {}).run().orElseThrow();
    }

    /// Makes everything look as if it had been used a day ago.
    private void age() throws IOException {
        var day = FileTime.from(Instant.now().minus(Duration.ofDays(1)));
        Files.walkFileTree(
                root.resolve("data"),
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.setLastModifiedTime(file, day);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private int status(String path) throws Exception {
        return registry.get(path).statusCode();
    }

    private static Digest digest(String text) {
        return Digest.of(text.getBytes(UTF_8));
    }

    @Test
    void whatNoManifestRefersToGoesWhenItIsOld() throws Exception {
        registry.pushImage("a", "keep", "kept");
        Digest gone = registry.pushImage("a", "drop", "dropped");
        registry.pushBlob("a", "loose".getBytes(UTF_8));
        registry.send("DELETE", "/v2/a/manifests/" + gone);
        age();
        Digest young = registry.pushBlob("a", "young".getBytes(UTF_8));
        Collection.Report would = collect(Duration.ofHours(1), false, true);
        assertThat(would.blobs()).isEqualTo(4);
        assertThat(status("/v2/a/blobs/" + digest("loose"))).isEqualTo(200);
        Collection.Report report = collect(Duration.ofHours(1), false, false);
        assertThat(report).isEqualTo(would);
        assertThat(status("/v2/a/blobs/" + digest("kept"))).isEqualTo(200);
        assertThat(status("/v2/a/blobs/" + young)).isEqualTo(200);
        assertThat(status("/v2/a/blobs/" + digest("dropped"))).isEqualTo(404);
        assertThat(status("/v2/a/blobs/" + digest("loose"))).isEqualTo(404);
        assertThat(registry.storage().blobs().size(digest("loose"))).isEmpty();
        assertThat(status("/v2/a/manifests/keep")).isEqualTo(200);
        assertThat(collect(Duration.ofHours(1), false, false).blobs()).isZero();
    }

    @Test
    void aBlobThatAClientHasJustSeenStays() throws Exception {
        Digest seen = registry.pushBlob("a", "seen".getBytes(UTF_8));
        Digest unseen = registry.pushBlob("a", "unseen".getBytes(UTF_8));
        age();
        assertThat(registry.send("HEAD", "/v2/a/blobs/" + seen).statusCode()).isEqualTo(200);
        collect(Duration.ofHours(1), false, false);
        assertThat(status("/v2/a/blobs/" + seen)).isEqualTo(200);
        assertThat(status("/v2/a/blobs/" + unseen)).isEqualTo(404);
    }

    @Test
    void manifestsWithoutTagsGoOnRequest() throws Exception {
        Digest old = registry.pushImage("a", "v", "first");
        registry.pushImage("a", "v", "second");
        Digest child = registry.pushImage("a", "child", "third");
        String index =
                "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[{\"mediaType\":\"%s\",\"size\":1,\"digest\":\"%s\"}]}";
        registry.putManifest(
                "a", "index", OCI_INDEX, index.formatted(OCI_INDEX, OCI_MANIFEST, child));
        registry.send("DELETE", "/v2/a/manifests/child");
        Digest config = digest("{\"of\":\"third\"}");
        String about =
                RunningRegistry.manifest(
                        config,
                        config,
                        ",\"subject\":{\"mediaType\":\""
                                + OCI_MANIFEST
                                + "\",\"size\":1,\"digest\":\""
                                + child
                                + "\"}");
        Digest referrer = digest(about);
        assertThat(registry.putManifest("a", referrer.toString(), OCI_MANIFEST, about).statusCode())
                .isEqualTo(201);
        age();
        collect(Duration.ofHours(1), false, false);
        assertThat(status("/v2/a/manifests/" + old)).isEqualTo(200);
        assertThat(collect(Duration.ofHours(1), true, false).manifests()).isEqualTo(1);
        assertThat(status("/v2/a/manifests/" + old)).isEqualTo(404);
        assertThat(status("/v2/a/manifests/" + child)).isEqualTo(200);
        assertThat(status("/v2/a/manifests/" + referrer)).isEqualTo(200);
        assertThat(status("/v2/a/manifests/v")).isEqualTo(200);
        assertThat(registry.storage().blobs().size(digest("first"))).isEmpty();
    }

    /// A tree that another server has written may have manifests of kinds that are not known here.
    @Test
    void whatAManifestOfUnknownKindRefersToStays() throws Exception {
        Digest layer = registry.pushBlob("a", "layer".getBytes(UTF_8));
        var repository = registry.storage().repository(new dev.corten.registry.RepositoryName("a"));
        String unknown =
                "{\"mediaType\":\"application/vnd.oci.artifact.manifest.v1+json\",\"blobs\":[{"
                        + "\"mediaType\":\"x/y\",\"size\":5,\"digest\":\""
                        + layer
                        + "\"}]}";
        repository.putManifest(digest(unknown), unknown.getBytes(UTF_8));
        repository.setTag("v", digest(unknown));
        byte[] large = new byte[(4 << 20) + 1];
        repository.putManifest(Digest.of(large), large);
        Digest old = registry.pushImage("b", "v", "first");
        registry.pushImage("b", "v", "second");
        age();
        collect(Duration.ofHours(1), true, false);
        assertThat(status("/v2/a/blobs/" + layer)).isEqualTo(200);
        assertThat(repository.manifests()).hasSize(2);
        assertThat(registry.storage().blobs().size(Digest.of(large))).isPresent();
        // Elsewhere it is as ever.
        assertThat(status("/v2/b/manifests/" + old)).isEqualTo(404);
        assertThat(registry.storage().blobs().size(digest("first"))).isEmpty();
    }

    @Test
    void whatACollectionLeftWhenItWasKilledIsThereAgain() throws Exception {
        registry.pushImage("a", "v", "layer");
        var layout = registry.storage().layout();
        Path blob = layout.blob(digest("layer"));
        Path aside = layout.trash(blob);
        Files.createDirectories(aside.getParent());
        Files.move(blob, aside);
        age();
        collect(Duration.ZERO, false, false);
        assertThat(status("/v2/a/blobs/" + digest("layer"))).isEqualTo(200);
        assertThat(layout.trash()).doesNotExist();
    }

    /// Between the step aside and the decision.
    @Test
    void whoWantsWhatIsBeingDecidedAboutGetsIt() throws Exception {
        Digest digest = registry.pushBlob("a", "layer".getBytes(UTF_8));
        age();
        var layout = registry.storage().layout();
        Path blob = layout.blob(digest);
        Path aside = layout.trash(blob);
        for (String method : List.of("HEAD", "GET")) {
            Files.createDirectories(aside.getParent());
            Files.move(blob, aside);
            old(aside);
            Instant before = Instant.now().minus(Duration.ofHours(1));
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var answer = threads.submit(() -> registry.send(method, "/v2/a/blobs/" + digest));
                long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
                while (Files.getLastModifiedTime(aside).toInstant().isBefore(before)) {
                    assertThat(System.nanoTime()).as(method).isLessThan(end);
                    Thread.onSpinWait();
                }
                Files.move(aside, blob);
                assertThat(answer.get().statusCode()).as(method).isEqualTo(200);
            }
        }
    }

    @Test
    void aNewProcessPutsBackWhatADeadCollectionMovedAside() throws Exception {
        registry.pushImage("a", "v", "layer");
        var layout = registry.storage().layout();
        Path blob = layout.blob(digest("layer"));
        Files.createDirectories(layout.trash(blob).getParent());
        Files.move(blob, layout.trash(blob));
        try (var next = new RunningRegistry(root)) {
            assertThat(next.get("/v2/a/blobs/" + digest("layer")).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void pushesBesideCollectionsLoseNothing() throws Exception {
        var ended = new AtomicBoolean();
        var pulled = new ArrayList<String>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> collections =
                    threads.submit(() -> {
                        int count = 0;
                        while (!ended.get()) {
                            collect(Duration.ofMinutes(5), true, false);
                            count++;
                        }
                        return count;
                    });
            try {
                var pushes = new ArrayList<Callable<List<String>>>();
                for (int worker = 0; worker < 4; worker++) {
                    String name = "w" + worker;
                    pushes.add(() -> storm(name));
                }
                for (Future<List<String>> each : threads.invokeAll(pushes)) {
                    pulled.addAll(each.get());
                }
            } finally {
                ended.set(true);
            }
            assertThat(collections.get()).isPositive();
        }
        assertThat(pulled).hasSize(100).allMatch(answer -> answer.equals("201 200 200"));
    }

    /// Pushes an image as clients do, pulls it, deletes it, and lets what is left of it grow old, again
    /// and again: the collection takes it at any moment of the next push.
    private List<String> storm(String name) throws Exception {
        var answers = new ArrayList<String>();
        String layer = "layer of " + name;
        String config = "{\"of\":\"" + name + "\"}";
        for (int n = 0; n < 25; n++) {
            for (String content : List.of(layer, config)) {
                Digest digest = digest(content);
                if (registry.send("HEAD", "/v2/" + name + "/blobs/" + digest).statusCode() != 200) {
                    registry.pushBlob(name, content.getBytes(UTF_8));
                }
            }
            String manifest = RunningRegistry.manifest(digest(config), digest(layer), "");
            int put = registry.putManifest(name, "v", OCI_MANIFEST, manifest).statusCode();
            answers.add(
                    put
                            + " "
                            + status("/v2/" + name + "/manifests/v")
                            + " "
                            + status("/v2/" + name + "/blobs/" + digest(layer)));
            registry.send("DELETE", "/v2/" + name + "/manifests/" + digest(manifest));
            for (String content : List.of(layer, config)) {
                old(registry.storage().layout().blob(digest(content)));
                old(
                        registry.storage()
                                .layout()
                                .layer(
                                        new dev.corten.registry.RepositoryName(name),
                                        digest(content)));
            }
        }
        return answers;
    }

    /// What was old before may have been taken by the collection already.
    private static void old(Path file) throws IOException {
        try {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(1))));
        } catch (NoSuchFileException collected) {
            assertThat(file).doesNotExist();
        }
    }
}
