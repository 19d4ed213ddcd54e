package dev.corten.registry.server;

import static dev.corten.registry.server.RunningRegistry.header;
import static dev.corten.registry.server.RunningRegistry.text;
import static dev.corten.registry.server.RunningRegistry.with;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.Digest;
import dev.corten.registry.Refusal;
import dev.corten.registry.RepositoryName;
import dev.corten.registry.server.storage.Storage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Uploads that were cut, in this process or by its end.
final class UploadResumeTest {
    private static final RepositoryName NAME = new RepositoryName("a/b");
    private static final byte[] CONTENT = "0123456789".getBytes(UTF_8);
    private static final Digest DIGEST = Digest.of(CONTENT);

    @TempDir private Path root;

    @Test
    void aConnectionThatIsCutLeavesWhatHasCome() throws Exception {
        try (var registry = new RunningRegistry(root)) {
            String location = registry.startUpload(NAME.path());
            URI uri = URI.create(location);
            try (var socket = new Socket("127.0.0.1", uri.getPort())) {
                String head =
                        "PATCH %s HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234"
                                .formatted(uri.getPath());
                socket.getOutputStream().write(head.getBytes(UTF_8));
                socket.getOutputStream().flush();
                Path data =
                        root.resolve("data/docker/registry/v2/repositories/a/b/_uploads")
                                .resolve(location.substring(location.lastIndexOf('/') + 1))
                                .resolve("data");
                awaitSize(data, 5);
            }
            // The server notices by itself; until then the upload is somebody else's.
            var status = registry.get(location);
            assertThat(header(status, "Range")).isEqualTo("0-4");
            int patched;
            do {
                patched =
                        registry.send(
                                        "PATCH",
                                        location,
                                        "56789".getBytes(UTF_8),
                                        "Content-Range",
                                        "5-9")
                                .statusCode();
            } while (patched == 416);
            assertThat(patched).isEqualTo(202);
            assertThat(registry.send("PUT", with(location, "digest=" + DIGEST)).statusCode())
                    .isEqualTo(201);
            assertThat(text(registry.get("/v2/a/b/blobs/" + DIGEST))).isEqualTo("0123456789");
        }
    }

    /// The server still waits for the rest on a connection that the client knows to be dead.
    @Test
    void whoGoesOnNeedNotWaitForTheConnectionThatWasLost() throws Exception {
        try (var registry = new RunningRegistry(root)) {
            String location = registry.startUpload(NAME.path());
            URI uri = URI.create(location);
            try (var socket = new Socket("127.0.0.1", uri.getPort())) {
                String head =
                        "PATCH %s HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234"
                                .formatted(uri.getPath());
                socket.getOutputStream().write(head.getBytes(UTF_8));
                socket.getOutputStream().flush();
                awaitSize(
                        root.resolve("data/docker/registry/v2/repositories/a/b/_uploads")
                                .resolve(location.substring(location.lastIndexOf('/') + 1))
                                .resolve("data"),
                        5);
                var put =
                        registry.send(
                                "PUT",
                                with(location, "digest=" + DIGEST),
                                "56789".getBytes(UTF_8),
                                "Content-Range",
                                "5-9");
                assertThat(put.statusCode()).as(text(put)).isEqualTo(201);
            }
            assertThat(text(registry.get("/v2/a/b/blobs/" + DIGEST))).isEqualTo("0123456789");
        }
    }

    private static void awaitSize(Path file, long size) throws IOException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (Files.size(file) < size) {
            if (System.nanoTime() > end) {
                throw new AssertionError(file + " has " + Files.size(file) + " bytes");
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void anotherProcessGoesOn() throws Exception {
        String path;
        try (var first = new RunningRegistry(root)) {
            String location = first.startUpload(NAME.path());
            first.send("PATCH", location, "01234".getBytes(UTF_8));
            path = URI.create(location).getPath();
        }
        try (var second = new RunningRegistry(root);
                var third = new RunningRegistry(root)) {
            assertThat(header(second.get(path), "Range")).isEqualTo("0-4");
            second.send("PATCH", path, "567".getBytes(UTF_8));
            third.send("PATCH", path, "89".getBytes(UTF_8));
            // What the second one remembers of the content is not all any more.
            assertThat(second.send("PUT", with(path, "digest=" + DIGEST)).statusCode())
                    .isEqualTo(201);
            assertThat(text(third.get("/v2/a/b/blobs/" + DIGEST))).isEqualTo("0123456789");
        }
    }

    @Test
    void oneWritesAtATime() throws Exception {
        var storage = RunningRegistry.storage(root);
        storage.open();
        String id = storage.uploads().start(NAME);
        try (var writer = storage.uploads().open(NAME, id)) {
            assertThat(writer.size()).isZero();
            assertThatThrownBy(() -> storage.uploads().open(NAME, id))
                    .isInstanceOf(Refusal.class)
                    .hasMessage("the upload is being written to");
        }
        storage.uploads().open(NAME, id).close();
    }

    @Test
    void uploadsThatNobodyGoesOnWithAreGivenUp() throws Exception {
        var storage = RunningRegistry.storage(root);
        storage.open();
        String id = storage.uploads().start(NAME);
        Instant now = Instant.now();
        assertThat(storage.uploads().purge(NAME, now.minusSeconds(60), false)).isEmpty();
        assertThat(storage.uploads().purge(NAME, now.plusSeconds(60), true)).containsExactly(id);
        assertThat(storage.uploads().purge(NAME, now.plusSeconds(60), false)).containsExactly(id);
        assertThatThrownBy(() -> storage.uploads().size(NAME, id)).isInstanceOf(Refusal.class);
    }

    /// Stops at the first step, the second, and so on: what is there afterwards is whole, and a new
    /// process brings the push to its end.
    @Test
    void killedAtAnyStep() throws Exception {
        int step = 0;
        boolean stopped = true;
        while (stopped) {
            Path folder = root.resolve("step" + step);
            var left = new int[] {step++};
            var dying =
                    new Storage(
                            folder,
                            what -> {
                                if (left[0]-- == 0) {
                                    throw new IOException("killed before " + what);
                                }
                            });
            stopped = false;
            try {
                push(dying);
            } catch (IOException e) {
                assertThat(e).hasMessageStartingWith("killed before");
                stopped = true;
            }
            var after = new Storage(folder);
            after.open();
            if (after.blobs().size(DIGEST).isPresent()) {
                assertThat(after.blobs().read(DIGEST, 100)).contains(CONTENT);
            }
            var tag = after.repository(NAME).tag("v");
            if (tag.isPresent()) {
                assertThat(after.repository(NAME).manifest(tag.get(), 100)).contains(CONTENT);
            }
            assertThat(tag.isPresent() || stopped).isTrue();
            push(after);
            assertThat(after.repository(NAME).tag("v")).contains(DIGEST);
            assertThat(after.repository(NAME).hasLayer(DIGEST)).isTrue();
        }
        assertThat(step).isGreaterThan(12);
    }

    private static void push(Storage storage) throws IOException {
        storage.open();
        String id = storage.uploads().start(NAME);
        try (var writer = storage.uploads().open(NAME, id)) {
            writer.append(new ByteArrayInputStream(CONTENT), 100);
            writer.commit(DIGEST);
        }
        storage.repository(NAME).linkLayer(DIGEST);
        storage.uploads().cancel(NAME, id);
        storage.repository(NAME).putManifest(DIGEST, CONTENT);
        storage.repository(NAME).setTag("v", DIGEST);
    }
}
