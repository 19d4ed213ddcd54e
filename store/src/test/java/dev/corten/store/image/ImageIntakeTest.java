package dev.corten.store.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.Durable;
import dev.corten.store.ImageFixture;
import dev.corten.store.Store;
import dev.corten.store.image.Images.StoredManifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class ImageIntakeTest {
    private static final long BOUND = 1 << 20;
    private static final byte[] PLAIN =
            ImageFixture.layer().directory("etc", 0755).file("etc/motd", "hello\n").build();
    private static final byte[] LAYER = ImageFixture.gzip(PLAIN);
    private static final Descriptor BLOB =
            Descriptor.of(MediaTypes.OCI_LAYER_GZIP, Digest.of(LAYER), LAYER.length);
    private static final byte[] CONFIG =
            ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\","
                            + "\"diff_ids\":[\""
                            + Digest.of(PLAIN)
                            + "\"]}}")
                    .getBytes(StandardCharsets.UTF_8);
    private static final StoredManifest MANIFEST =
            stored(
                    MediaTypes.OCI_MANIFEST,
                    "{\"schemaVersion\":2,\"config\":"
                            + json(MediaTypes.OCI_CONFIG, CONFIG, "")
                            + ",\"layers\":["
                            + json(MediaTypes.OCI_LAYER_GZIP, LAYER, "")
                            + "]}");
    private static final byte[] FOREIGN = "other".getBytes(StandardCharsets.UTF_8);
    private static final StoredManifest INDEX =
            stored(
                    MediaTypes.OCI_INDEX,
                    "{\"schemaVersion\":2,\"manifests\":["
                            + json(MediaTypes.OCI_MANIFEST, MANIFEST.bytes(), "amd64")
                            + ","
                            + json(MediaTypes.OCI_MANIFEST, FOREIGN, "s390x")
                            + "]}");
    private static final Reference NAME = Reference.parse("r:5000/web:1");

    @TempDir Path dir;

    private Path root;
    private Store store;

    private static StoredManifest stored(String mediaType, String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return new StoredManifest(Descriptor.of(mediaType, Digest.of(bytes), bytes.length), bytes);
    }

    private static String json(String mediaType, byte[] content, String architecture) {
        return "{\"mediaType\":\""
                + mediaType
                + "\",\"digest\":\""
                + Digest.of(content)
                + "\",\"size\":"
                + content.length
                + (architecture.isEmpty()
                        ? ""
                        : ",\"platform\":{\"os\":\"linux\",\"architecture\":\""
                                + architecture
                                + "\"}")
                + "}";
    }

    @BeforeEach
    void open() throws IOException {
        root = dir.resolve("root");
        store = Store.open(root, new Durable(), Clock.systemUTC());
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        try (Fd parent = FileCalls.openDirectory(dir.toString())) {
            Directories.deleteTree(parent, "root");
        }
    }

    private void reopen() throws IOException {
        store.close();
        store = Store.open(root, new Durable(), Clock.systemUTC());
    }

    private Image pull() throws Exception {
        try (var intake = store.images().intake()) {
            if (intake.present(List.of(Digest.of(PLAIN))) == 1) {
                return commit(intake);
            }
            try (var layer = store.images().incoming(BLOB, BOUND)) {
                bring(layer, 0);
                layer.unpack();
                intake.add(layer, Optional.of(Digest.of(PLAIN)));
                return commit(intake);
            }
        }
    }

    private static Image commit(ImageIntake intake) throws IOException {
        return intake.commit(
                new ImageIntake.Arrived(
                        CONFIG,
                        List.of(
                                NAME,
                                new Reference(
                                        NAME.domain(),
                                        NAME.path(),
                                        Optional.empty(),
                                        Optional.of(INDEX.descriptor().digest()))),
                        INDEX.descriptor(),
                        List.of(INDEX, MANIFEST)));
    }

    private static void bring(IncomingLayer layer, int from) throws IOException {
        append(layer, from, LAYER.length);
        layer.finish();
    }

    private static void append(IncomingLayer layer, int from, int to) throws IOException {
        byte[] part = java.util.Arrays.copyOfRange(LAYER, from, to);
        layer.append(part, part.length);
    }

    @Test
    void imageKeepsTheDocumentsThatItCameWith() throws Exception {
        Image image = pull();
        assertThat(image.id()).isEqualTo(Digest.of(CONFIG));
        assertThat(image.repoTags()).containsExactly(NAME);
        assertThat(image.repoDigests())
                .extracting(Reference::familiar)
                .containsExactly("r:5000/web@" + INDEX.descriptor().digest());
        reopen();
        var images = store.images();
        assertThat(images.manifest(image.id(), Optional.empty()).orElseThrow().bytes())
                .isEqualTo(MANIFEST.bytes());
        assertThat(images.target(NAME).orElseThrow().bytes()).isEqualTo(INDEX.bytes());
        assertThat(images.targetOf(image.id().hex())).contains(INDEX.descriptor());
        assertThat(images.index("r:5000/web:1"))
                .extracting(
                        p -> p.manifest().platform().orElseThrow().architecture(), p -> p.image())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("amd64", Optional.of(image.id())),
                        org.assertj.core.groups.Tuple.tuple("s390x", Optional.empty()));
        assertThat(images.find("r:5000/web:1", Platform.parse("linux/amd64"))).isPresent();
        assertThat(images.find("r:5000/web:1", Platform.parse("linux/s390x"))).isEmpty();
        assertThat(images.repositoriesWith(BLOB.digest())).containsExactly(NAME.repository());
        assertThat(store.content().contains(BLOB.digest())).isTrue();
        images.tag("r:5000/web:1", Reference.parse("other:2"));
        assertThat(images.target(Reference.parse("other:2")).orElseThrow().bytes())
                .isEqualTo(INDEX.bytes());
    }

    @Test
    void documentsGoWithTheLastNameThatStandsForThem() throws Exception {
        Image image = pull();
        store.images().tag("r:5000/web:1", Reference.parse("other:2"));
        store.images().remove("r:5000/web:1", Images.Force.NO, Images.Parents.PRUNE, ImageUse.NONE);
        assertThat(store.content().contains(INDEX.descriptor().digest())).isTrue();
        store.images().remove("other:2", Images.Force.NO, Images.Parents.PRUNE, ImageUse.NONE);
        assertThat(store.images().find(image.id())).isEmpty();
        assertThat(store.content().list()).isEmpty();
    }

    @Test
    void beginningSurvivesAndIsTakenUp() throws Exception {
        var layer = store.images().incoming(BLOB, BOUND);
        append(layer, 0, 100);
        // as after kill -9: nothing is closed
        reopen();
        layer.close();
        try (var again = store.images().incoming(BLOB, BOUND)) {
            assertThat(again.resume()).isEqualTo(100);
            bring(again, 100);
            again.unpack();
            try (var intake = store.images().intake()) {
                intake.add(again, Optional.of(Digest.of(PLAIN)));
                commit(intake);
            }
        }
        assertThat(root.resolve("content/partial")).isEmptyDirectory();
    }

    @Test
    void unpackingFollowsTheBytes() throws Exception {
        try (var layer = store.images().incoming(BLOB, BOUND)) {
            var unpacked = new CompletableFuture<Void>();
            Thread.ofPlatform()
                    .start(() -> {
                        try {
                            layer.unpack();
                            unpacked.complete(null);
                        } catch (IOException | RuntimeException e) {
                            unpacked.completeExceptionally(e);
                        }
                    });
            for (int i = 0; i < LAYER.length; i++) {
                append(layer, i, i + 1);
            }
            assertThat(unpacked).isNotDone();
            layer.finish();
            unpacked.get();
            assertThat(layer.consumed()).isPositive();
        }
    }

    @Test
    void whoWaitsForBytesHearsThatNoneWillCome() throws Exception {
        try (var layer = store.images().incoming(BLOB, BOUND)) {
            append(layer, 0, 20);
            var unpacked =
                    CompletableFuture.runAsync(() -> {
                        try {
                            layer.unpack();
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    });
            layer.fail();
            assertThatThrownBy(unpacked::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("did not arrive");
        }
    }

    @Test
    void wrongBytesAreNotKept() throws Exception {
        try (var layer = store.images().incoming(BLOB, BOUND)) {
            byte[] wrong = new byte[LAYER.length];
            layer.append(wrong, wrong.length);
            assertThatThrownBy(layer::finish)
                    .isInstanceOf(InvalidParameter.class)
                    .hasMessage("filesystem layer verification failed for digest " + BLOB.digest());
        }
        try (var again = store.images().incoming(BLOB, BOUND)) {
            assertThat(again.resume()).isZero();
            append(again, 0, LAYER.length);
            byte[] more = {1};
            assertThatThrownBy(() -> again.append(more, 1))
                    .isInstanceOf(InvalidParameter.class)
                    .hasMessageContaining("is longer than");
        }
    }

    @Test
    void growthIsBounded() throws Exception {
        try (var layer = store.images().incoming(BLOB, 1024)) {
            bring(layer, 0);
            assertThatThrownBy(layer::unpack)
                    .isInstanceOf(InvalidParameter.class)
                    .hasMessageContaining("unpacks to more than 1024 bytes");
        }
    }

    @Test
    void configurationThatSaysOtherwiseIsRefused() throws Exception {
        try (var layer = store.images().incoming(BLOB, BOUND);
                var intake = store.images().intake()) {
            bring(layer, 0);
            layer.unpack();
            assertThatThrownBy(() -> intake.add(layer, Optional.of(Digest.of(FOREIGN))))
                    .isInstanceOf(InvalidParameter.class)
                    .hasMessageStartingWith("layers from manifest don't match image configuration");
        }
        assertThat(store.layers().list()).isEmpty();
    }

    @Test
    void oldBeginningsGo() throws Exception {
        try (var layer = store.images().incoming(BLOB, BOUND)) {
            append(layer, 0, 10);
            assertThat(store.content().removePartials(Duration.ZERO)).isZero();
        }
        Path file = root.resolve("content/partial").resolve(BLOB.digest().hex());
        reopen();
        assertThat(file).exists();
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(4))));
        reopen();
        assertThat(file).doesNotExist();
    }
}
