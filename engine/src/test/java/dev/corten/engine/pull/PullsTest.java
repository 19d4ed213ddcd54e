package dev.corten.engine.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.engine.event.Events;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.Forbidden;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.model.image.MediaTypes;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.store.Durable;
import dev.corten.store.Store;
import dev.corten.store.image.Images.StoredManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class PullsTest {
    private static final byte[] A = FakeRegistry.tar("a", 70_000);
    private static final byte[] B = FakeRegistry.tar("b", 90_000);

    @TempDir Path dir;

    private final FakeRegistry registry = new FakeRegistry();
    private final AtomicInteger pauses = new AtomicInteger();

    /// Messages of pauses that were heard.
    private final Semaphore retries = new Semaphore(0);

    /// Whether a pause lasts until it was told of.
    private volatile boolean told;

    private Store store;
    private Pulls pulls;

    @BeforeEach
    void open() throws IOException {
        store = Store.open(dir.resolve("root"), new Durable(), Clock.systemUTC());
        pulls = pulls(1 << 20);
    }

    private Pulls pulls(long layerBytes) {
        return new Pulls(
                store.images(),
                (_, _) -> registry,
                () -> new PullLimits(3, 3, layerBytes),
                new Events(Clock.systemUTC()),
                dir.resolve("nothing"),
                _ -> {
                    pauses.incrementAndGet();
                    if (told) {
                        // A pause that ends at once would let the next message take the place of
                        // its own.
                        retries.tryAcquire(2, TimeUnit.SECONDS);
                    }
                });
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        try (Fd parent = FileCalls.openDirectory(dir.toString())) {
            Directories.deleteTree(parent, "root");
        }
    }

    private List<String> pull(String name) throws IOException, InterruptedException {
        return pull(name, Optional.empty());
    }

    private List<String> pull(String name, Optional<String> platform)
            throws IOException, InterruptedException {
        var said = new ArrayList<String>();
        pulls.pull(
                new PullRequest(
                        Reference.parse(name),
                        platform.map(Platform::parse),
                        RegistryCredentials.NONE),
                messages -> {
                    for (PullMessage message : messages) {
                        switch (message) {
                            case PullMessage.Note(String id, String text) ->
                                    said.add(id + "|" + text);
                            case PullMessage.Step(String id, String text) -> {
                                said.add(id + "|" + text);
                                if (text.startsWith("Retrying")) {
                                    retries.release();
                                }
                            }
                            case PullMessage.Progress _ -> {}
                        }
                    }
                });
        return said;
    }

    private Image image(String name) {
        return store.images().get(name);
    }

    private static String id(byte[] plain) {
        return Digest.of(FakeRegistry.gzip(plain)).shortHex();
    }

    @Test
    void saysWhatItDoesInDockersWords() throws Exception {
        StoredManifest manifest = registry.image("1", "amd64", A, B);
        List<String> said = pull("r:5000/x/web:1");
        assertThat(said.getFirst()).isEqualTo("1|Pulling from x/web");
        assertThat(said)
                .endsWith(
                        id(B) + "|Pull complete",
                        "|Digest: " + manifest.descriptor().digest(),
                        "|Status: Downloaded newer image for r:5000/x/web:1")
                .containsSubsequence(
                        id(A) + "|Pulling fs layer",
                        id(A) + "|Verifying Checksum",
                        id(A) + "|Download complete",
                        id(A) + "|Pull complete",
                        id(B) + "|Pull complete");
        Image image = image("r:5000/x/web:1");
        assertThat(image.diffIds()).containsExactly(Digest.of(A), Digest.of(B));
        assertThat(image.repoDigests())
                .extracting(Reference::familiar)
                .containsExactly("r:5000/x/web@" + manifest.descriptor().digest());

        registry.served();
        assertThat(pull("r:5000/x/web:1"))
                .containsExactly(
                        "1|Pulling from x/web",
                        "|Digest: " + manifest.descriptor().digest(),
                        "|Status: Image is up to date for r:5000/x/web:1");
        assertThat(registry.served()).isZero();
    }

    @Test
    void layersThatAreHereAreNotFetched() throws Exception {
        registry.image("1", "amd64", A);
        registry.image("2", "amd64", A, B);
        pull("r:5000/web:1");
        registry.served();
        assertThat(pull("r:5000/web:2"))
                .contains(id(A) + "|Already exists", id(B) + "|Pull complete");
        assertThat(registry.served())
                .isEqualTo(FakeRegistry.gzip(B).length + FakeRegistry.config("amd64", A, B).length);
    }

    @Test
    void allTagsComeOneAfterTheOther() throws Exception {
        registry.image("1", "amd64", A);
        registry.image("2", "amd64", B);
        assertThat(pull("r:5000/web"))
                .contains("1|Pulling from web", "2|Pulling from web")
                .endsWith("|Status: Downloaded newer image for r:5000/web");
        assertThat(image("r:5000/web:2").diffIds()).containsExactly(Digest.of(B));
    }

    @Test
    void digestGivesNoTag() throws Exception {
        Digest digest = registry.image("1", "amd64", A).descriptor().digest();
        assertThat(pull("r:5000/web@" + digest))
                .startsWith("r:5000/web@" + digest + "|Pulling from web")
                .endsWith("|Status: Downloaded newer image for r:5000/web@" + digest);
        assertThat(image("r:5000/web@" + digest).repoTags()).isEmpty();
    }

    @Test
    void cutConnectionsAreResumed() throws Exception {
        registry.image("1", "amd64", A);
        told = true;
        var cuts = new AtomicInteger(2);
        registry.fault =
                (_, position) -> {
                    if (position > 30_000 && cuts.getAndDecrement() > 0) {
                        throw new IOException("cut");
                    }
                };
        assertThat(pull("r:5000/web:1")).contains(id(A) + "|Retrying in 1 second");
        assertThat(registry.served())
                .isEqualTo(FakeRegistry.gzip(A).length + FakeRegistry.config("amd64", A).length);
        assertThat(pauses.get()).isEqualTo(1 + 2 * 5);
    }

    @Test
    void registryWithoutPartsIsReadFromTheBeginning() throws Exception {
        registry.image("1", "amd64", A);
        registry.ranges = false;
        var cuts = new AtomicInteger(1);
        registry.fault =
                (_, position) -> {
                    if (position > 30_000 && cuts.getAndDecrement() > 0) {
                        throw new IOException("cut");
                    }
                };
        pull("r:5000/web:1");
        assertThat(image("r:5000/web:1").diffIds()).containsExactly(Digest.of(A));
    }

    @Test
    void givesUpAndTheNextAttemptAsksForTheRestOnly() throws Exception {
        registry.image("1", "amd64", A);
        registry.fault =
                (_, position) -> {
                    if (position >= 30_000) {
                        throw new IOException("cut");
                    }
                };
        assertThatThrownBy(() -> pull("r:5000/web:1")).isInstanceOf(IOException.class);
        long before = registry.served();
        registry.fault = (_, _) -> {};
        close0();
        pull("r:5000/web:1");
        int config = FakeRegistry.config("amd64", A).length;
        assertThat(registry.served() + before).isEqualTo(FakeRegistry.gzip(A).length + 2L * config);
        assertThat(store.content().removePartials(java.time.Duration.ZERO)).isZero();
    }

    /// As another daemon would find it.
    private void close0() throws IOException {
        store.close();
        store = Store.open(dir.resolve("root"), new Durable(), Clock.systemUTC());
        pulls = pulls(1 << 20);
    }

    @Test
    void damagedBeginningIsFetchedAnew() throws Exception {
        registry.image("1", "amd64", A);
        Path partial =
                dir.resolve("root/content/partial").resolve(Digest.of(FakeRegistry.gzip(A)).hex());
        java.nio.file.Files.write(partial, new byte[1234]);
        pull("r:5000/web:1");
        assertThat(image("r:5000/web:1").diffIds()).containsExactly(Digest.of(A));
    }

    @Test
    void whoeverIsInterruptedStopsTheWork() throws Exception {
        registry.image("1", "amd64", A);
        var reached = new CountDownLatch(1);
        registry.fault =
                (_, position) -> {
                    if (position >= 30_000) {
                        reached.countDown();
                        block();
                    }
                };
        var pull = new FutureTask<>(() -> pull("r:5000/web:1"));
        Thread thread = Thread.startVirtualThread(pull);
        reached.await();
        thread.interrupt();
        assertThatThrownBy(pull::get).hasCauseInstanceOf(InterruptedException.class);
        registry.fault = (_, _) -> {};
        pull("r:5000/web:1");
        int config = FakeRegistry.config("amd64", A).length;
        assertThat(registry.served()).isEqualTo(FakeRegistry.gzip(A).length + 2L * config);
    }

    private static void block() throws IOException {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException();
        }
    }

    @Test
    void twoAtOnceShareTheWork() throws Exception {
        registry.image("1", "amd64", A, B);
        registry.pretend("2", registry.manifest("1"));
        var reached = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        registry.fault =
                (_, position) -> {
                    if (position >= 30_000) {
                        reached.countDown();
                        try {
                            go.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                    }
                };
        var one = new FutureTask<>(() -> pull("r:5000/web:1"));
        var two = new FutureTask<>(() -> pull("r:5000/web:2"));
        Thread.startVirtualThread(one);
        reached.await();
        Thread second = Thread.startVirtualThread(two);
        while (second.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        go.countDown();
        assertThat(one.get()).contains(id(A) + "|Pull complete");
        // Who comes while a layer is being downloaded hears of it too.
        assertThat(two.get()).contains(id(A) + "|Pulling fs layer", id(A) + "|Pull complete");
        assertThat(registry.served())
                .isEqualTo(
                        FakeRegistry.gzip(A).length
                                + FakeRegistry.gzip(B).length
                                + FakeRegistry.config("amd64", A, B).length);
        assertThat(image("r:5000/web:1").repoTags()).hasSize(2);
    }

    @Test
    void imagesThatShareALayerAtOnceFetchItOnce() throws Exception {
        registry.image("1", "amd64", A);
        registry.image("2", "amd64", A, B);
        var reached = new CountDownLatch(2);
        registry.fault =
                (blob, position) -> {
                    if (position == 0 && blob.equals(Digest.of(FakeRegistry.gzip(A)))) {
                        reached.countDown();
                    }
                };
        var one = new FutureTask<>(() -> pull("r:5000/web:1"));
        var two = new FutureTask<>(() -> pull("r:5000/web:2"));
        Thread.startVirtualThread(one);
        Thread.startVirtualThread(two);
        one.get();
        two.get();
        assertThat(reached.getCount()).isGreaterThanOrEqualTo(1);
        assertThat(image("r:5000/web:1").diffIds()).containsExactly(Digest.of(A));
        assertThat(image("r:5000/web:2").diffIds()).containsExactly(Digest.of(A), Digest.of(B));
    }

    /// Two pulls of one layer from two registries. The first registry, from which it comes, dies.
    @Test
    void theSecondPullGoesOnByItsOwnRegistry() throws Exception {
        var second = new FakeRegistry();
        pulls =
                new Pulls(
                        store.images(),
                        (name, _) -> name.domain().equals("r:5000") ? registry : second,
                        () -> new PullLimits(3, 3, 1 << 20),
                        new Events(Clock.systemUTC()),
                        dir.resolve("nothing"),
                        _ -> pauses.incrementAndGet());
        registry.image("1", "amd64", A);
        second.image("1", "arm64", A);
        var reached = new CountDownLatch(1);
        var dies = new CountDownLatch(1);
        Digest layer = Digest.of(FakeRegistry.gzip(A));
        registry.fault =
                (blob, position) -> {
                    if (blob.equals(layer) && position >= 30_000) {
                        reached.countDown();
                        try {
                            dies.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                        throw new IOException("dead");
                    }
                };
        var one = new FutureTask<>(() -> pull("r:5000/web:1"));
        // How far the layer is, is told to whoever takes part in its transfer.
        var takesPart = new CountDownLatch(1);
        var request =
                new PullRequest(
                        Reference.parse("s:5000/web:1"),
                        Optional.of(Platform.parse("linux/arm64")),
                        RegistryCredentials.NONE);
        var two =
                new FutureTask<>(() -> {
                    pulls.pull(
                            request,
                            messages -> {
                                if (messages.stream()
                                        .anyMatch(PullMessage.Progress.class::isInstance)) {
                                    takesPart.countDown();
                                }
                            });
                    return image("s:5000/web:1").diffIds();
                });
        Thread.startVirtualThread(one);
        reached.await();
        Thread.startVirtualThread(two);
        takesPart.await();
        dies.countDown();
        assertThat(two.get()).containsExactly(Digest.of(A));
        assertThat(one.get()).as("by the other's registry").contains(id(A) + "|Pull complete");
        assertThat(second.served())
                .as("only what was missing")
                .isLessThan(FakeRegistry.gzip(A).length);
    }

    /// One that has failed on its own is no reason for the next one to fail.
    @Test
    void aTransferThatFailedGivesWay() throws Exception {
        var blob = registry.blob(MediaTypes.OCI_LAYER_GZIP, FakeRegistry.gzip(A));
        var dead = new FakeRegistry();
        var transfers = new Transfers(store.images(), () -> new PullLimits(3, 1, 1 << 20), _ -> {});
        LayerTransfer first = transfers.join(dead, blob, _ -> {});
        assertThatThrownBy(() -> first.unpacked().get()).hasMessageContaining("blob unknown");
        LayerTransfer second = transfers.join(registry, blob, _ -> {});
        assertThat(second.unpacked().get().received()).isEqualTo(blob.size());
        transfers.leave(first);
        LayerTransfer third = transfers.join(registry, blob, _ -> {});
        assertThat(third).isSameAs(second);
        transfers.leave(second);
        transfers.leave(third);
    }

    @Test
    void whoComesWhenAllIsSaidDoesNotWait() throws Exception {
        StoredManifest top = registry.image("1", "amd64", A);
        registry.forget();
        var transfers = new Transfers(store.images(), () -> new PullLimits(3, 3, 1 << 20), _ -> {});
        var pull =
                new ImagePull(
                        store.images(),
                        transfers,
                        registry,
                        Choice.of(registry, top, Optional.empty()),
                        List.of());
        pull.start();
        assertThatThrownBy(pull::result).isInstanceOf(NotFound.class);
        pull.awaitEnd();
        Watch watch = pull.join().orElseThrow();
        assertThat(watch.next()).isEmpty();
        assertThat(pull.leave(watch)).isTrue();
        assertThat(pull.join()).isEmpty();
    }

    @Test
    void plainLayersLeaveNothingBehind() throws Exception {
        registry.image(
                "1",
                registry.blob(MediaTypes.OCI_CONFIG, FakeRegistry.config("amd64", A)),
                List.of(registry.blob(MediaTypes.OCI_LAYER, A)));
        pull("r:5000/web:1");
        assertThat(store.content().removePartials(java.time.Duration.ZERO)).isZero();
    }

    @Test
    void nothingIsLeftOfAnImageThatIsRemoved() throws Exception {
        registry.image("1", "amd64", A, B);
        for (int i = 0; i < 3; i++) {
            pull("r:5000/web:1");
            store.images()
                    .remove(
                            "r:5000/web:1",
                            dev.corten.store.image.Images.Force.NO,
                            dev.corten.store.image.Images.Parents.PRUNE,
                            dev.corten.store.image.ImageUse.NONE);
            assertThat(store.content().list()).isEmpty();
            assertThat(store.layers().list()).isEmpty();
        }
    }

    // --- what registries may have

    private Descriptor layer(byte[] content) {
        return registry.blob(MediaTypes.OCI_LAYER_GZIP, content);
    }

    @Test
    void wrongBytesAreRefusedAndForgotten() throws Exception {
        registry.image("1", "amd64", A);
        byte[] right = FakeRegistry.gzip(A);
        byte[] wrong = right.clone();
        wrong[wrong.length - 1] ^= 1;
        registry.replace(Digest.of(right), wrong);
        assertThatThrownBy(() -> pull("r:5000/web:1")).isInstanceOf(InvalidParameter.class);
        registry.replace(Digest.of(right), right);
        pull("r:5000/web:1");
    }

    @Test
    void tooFewBytesAreRefused() {
        registry.image("1", "amd64", A);
        byte[] right = FakeRegistry.gzip(A);
        registry.replace(Digest.of(right), Arrays.copyOf(right, 20_000));
        assertThatThrownBy(() -> pull("r:5000/web:1"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("unexpected EOF");
    }

    @Test
    void tooManyBytesAreRefused() {
        registry.image("1", "amd64", A);
        byte[] right = FakeRegistry.gzip(A);
        registry.replace(Digest.of(right), Arrays.copyOf(right, right.length + 1));
        assertThatThrownBy(() -> pull("r:5000/web:1"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("is longer than");
    }

    @Test
    void garbageIsRefused() {
        byte[] garbage = new byte[5000];
        Arrays.fill(garbage, (byte) 'x');
        registry.image(
                "1",
                registry.blob(MediaTypes.OCI_CONFIG, FakeRegistry.config("amd64", A)),
                List.of(layer(garbage)));
        assertThatThrownBy(() -> pull("r:5000/web:1"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageStartingWith("failed to register layer: ");
        byte[] cut = Arrays.copyOf(FakeRegistry.gzip(A), 20_000);
        registry.image(
                "2",
                registry.blob(MediaTypes.OCI_CONFIG, FakeRegistry.config("amd64", A)),
                List.of(layer(cut)));
        assertThatThrownBy(() -> pull("r:5000/web:2"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageStartingWith("failed to register layer: ");
        assertThat(store.layers().list()).isEmpty();
    }

    @Test
    void growthIsBounded() {
        pulls = pulls(50_000);
        registry.image("1", "amd64", A);
        assertThatThrownBy(() -> pull("r:5000/web:1"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("unpacks to more than 50000 bytes");
    }

    @Test
    void configurationHasToFit() {
        registry.image(
                "1",
                registry.blob(MediaTypes.OCI_CONFIG, FakeRegistry.config("amd64", B)),
                List.of(layer(FakeRegistry.gzip(A))));
        registry.image(
                "2",
                registry.blob(MediaTypes.OCI_CONFIG, FakeRegistry.config("amd64", A, B)),
                List.of(layer(FakeRegistry.gzip(A))));
        for (String tag : List.of("1", "2")) {
            assertThatThrownBy(() -> pull("r:5000/web:" + tag))
                    .isInstanceOf(InvalidParameter.class)
                    .hasMessageStartingWith("layers from manifest don't match image configuration");
        }
    }

    @Test
    void artifactsAreNoImages() {
        registry.image(
                "1",
                registry.blob("application/vnd.cncf.helm.config.v1+json", new byte[] {'{', '}'}),
                List.of());
        assertThatThrownBy(() -> pull("r:5000/web:1"))
                .hasMessage("unsupported media type application/vnd.cncf.helm.config.v1+json");
    }

    private StoredManifest index(String tag, String... members) {
        return registry.manifest(
                tag,
                MediaTypes.OCI_INDEX,
                "{\"schemaVersion\":2,\"manifests\":[" + String.join(",", members) + "]}");
    }

    @Test
    void indexGivesTheImageOfThePlatform() throws Exception {
        String amd = FakeRegistry.json(registry.image("", "amd64", A).descriptor(), "amd64");
        String s390 = FakeRegistry.json(registry.image("", "s390x", B).descriptor(), "s390x");
        StoredManifest index = index("1", s390, amd);
        pull("r:5000/web:1");
        assertThat(image("r:5000/web:1").platform().architecture()).isEqualTo("amd64");
        assertThat(store.images().target(Reference.parse("r:5000/web:1")).orElseThrow().bytes())
                .isEqualTo(index.bytes());
        pull("r:5000/web:1", Optional.of("linux/s390x"));
        assertThat(image("r:5000/web:1").platform().architecture()).isEqualTo("s390x");
        assertThat(store.images().find("r:5000/web:1", Platform.parse("amd64")).orElseThrow())
                .extracting(i -> i.platform().architecture())
                .isEqualTo("amd64");
        assertThatThrownBy(() -> pull("r:5000/web:1", Optional.of("linux/ppc64le")))
                .isInstanceOf(NotFound.class)
                .hasMessage("no matching manifest for linux/ppc64le in the manifest list entries");
        index("2", FakeRegistry.json(index.descriptor(), ""));
        pull("r:5000/web:2");
        assertThat(image("r:5000/web:2").platform().architecture()).isEqualTo("amd64");
    }

    @Test
    void indexesInACircleAreRefused() {
        var own = Descriptor.of(MediaTypes.OCI_INDEX, Digest.of(A), 10);
        StoredManifest index = index("1", FakeRegistry.json(own, ""));
        registry.pretend(Digest.of(A).toString(), index);
        assertThatThrownBy(() -> pull("r:5000/web:1"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("contains itself");
    }

    @Test
    void imageOfAnotherPlatformComesWithAWarning() throws Exception {
        registry.image("1", "amd64", A);
        assertThat(pull("r:5000/web:1", Optional.of("linux/arm64")))
                .endsWith(
                        "|WARNING: image with reference r:5000/web:1 was found but its platform"
                                + " (linux/amd64) does not match the specified platform"
                                + " (linux/arm64)");
    }

    @Test
    void manifestsOfSchemaOneAreConverted() throws Exception {
        Descriptor a = layer(FakeRegistry.gzip(A));
        Descriptor b = layer(FakeRegistry.gzip(B));
        registry.manifest(
                "1",
                MediaTypes.DOCKER_SCHEMA_1_UNSIGNED,
                "{\"schemaVersion\":1,\"name\":\"web\",\"tag\":\"1\",\"architecture\":\"amd64\","
                        + "\"fsLayers\":[{\"blobSum\":\""
                        + b.digest()
                        + "\"},{\"blobSum\":\""
                        + b.digest()
                        + "\"},{\"blobSum\":\""
                        + a.digest()
                        + "\"}],\"history\":[{\"v1Compatibility\":\"{\\\"id\\\":\\\"3\\\","
                        + "\\\"os\\\":\\\"linux\\\",\\\"architecture\\\":\\\"amd64\\\","
                        + "\\\"config\\\":{\\\"Cmd\\\":[\\\"sh\\\"]}}\"},"
                        + "{\"v1Compatibility\":\"{\\\"throwaway\\\":true}\"},"
                        + "{\"v1Compatibility\":\"{\\\"container_config\\\":"
                        + "{\\\"Cmd\\\":[\\\"add\\\",\\\"a\\\"]}}\"}]}");
        pull("r:5000/web:1");
        Image image = image("r:5000/web:1");
        assertThat(image.diffIds()).containsExactly(Digest.of(A), Digest.of(B));
        assertThat(image.config().cmd()).containsExactly("sh");
        assertThat(image.history())
                .extracting(h -> h.createdBy(), h -> h.emptyLayer())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("add a", false),
                        org.assertj.core.groups.Tuple.tuple("", true),
                        org.assertj.core.groups.Tuple.tuple("", false));
        registry.served();
        assertThat(pull("r:5000/web:1").getLast())
                .isEqualTo("|Status: Image is up to date for r:5000/web:1");
        assertThat(registry.served()).isZero();
    }

    @Test
    void scratchIsReserved() {
        assertThatThrownBy(() -> pull("scratch"))
                .isInstanceOf(Forbidden.class)
                .hasMessage("'scratch' is a reserved name");
    }

    @Test
    void lookTellsThePlatforms() throws Exception {
        String amd = FakeRegistry.json(registry.image("1", "amd64", A).descriptor(), "amd64");
        String s390 = FakeRegistry.json(registry.image("", "s390x", B).descriptor(), "s390x");
        index("2", s390, amd);
        Reference one = Reference.parse("r:5000/web:1");
        assertThat(pulls.look(one, RegistryCredentials.NONE).platforms())
                .containsExactly(new Platform("linux", "amd64", ""));
        assertThat(pulls.look(one.withTag("2"), RegistryCredentials.NONE).platforms())
                .extracting(Platform::architecture)
                .containsExactly("s390x", "amd64");
        assertThatThrownBy(() -> pulls.look(one.withTag("3"), RegistryCredentials.NONE))
                .isInstanceOf(NotFound.class)
                .hasMessage("manifest unknown");
    }
}
