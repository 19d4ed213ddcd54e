package dev.corten.registry.server;

import static dev.corten.registry.server.RunningRegistry.header;
import static dev.corten.registry.server.RunningRegistry.text;
import static dev.corten.registry.server.RunningRegistry.with;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.model.Digest;
import dev.corten.registry.RepositoryName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What arrives is not what was sent. The digest decides, and nothing else: the server does not look
/// into blobs, so a layer that is no gzip is a blob like others under its own digest.
@Timeout(60)
final class DamagedUploadTest {
    private static final String NAME = "a/b";
    private static final byte[] LAYER = gzip(random(200_000));
    private static final Digest DIGEST = Digest.of(LAYER);

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

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static byte[] gzip(byte[] plain) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /// In which way bytes are lost or changed.
    enum Damage {
        HEADER_BIT {
            @Override
            byte[] of(byte[] good) {
                return flipped(good, 0);
            }
        },
        MIDDLE_BIT {
            @Override
            byte[] of(byte[] good) {
                return flipped(good, good.length / 2);
            }
        },
        CHECKSUM_BIT {
            @Override
            byte[] of(byte[] good) {
                return flipped(good, good.length - 6);
            }
        },
        LAST_BIT {
            @Override
            byte[] of(byte[] good) {
                return flipped(good, good.length - 1);
            }
        },
        TRUNCATED_BY_ONE {
            @Override
            byte[] of(byte[] good) {
                return Arrays.copyOf(good, good.length - 1);
            }
        },
        TRUNCATED_BY_HALF {
            @Override
            byte[] of(byte[] good) {
                return Arrays.copyOf(good, good.length / 2);
            }
        },
        EMPTY {
            @Override
            byte[] of(byte[] good) {
                return new byte[0];
            }
        },
        LONGER_BY_ONE {
            @Override
            byte[] of(byte[] good) {
                return Arrays.copyOf(good, good.length + 1);
            }
        },
        TWICE {
            @Override
            byte[] of(byte[] good) {
                byte[] twice = Arrays.copyOf(good, 2 * good.length);
                System.arraycopy(good, 0, twice, good.length, good.length);
                return twice;
            }
        },
        BLOCKS_SWAPPED {
            @Override
            byte[] of(byte[] good) {
                byte[] swapped = good.clone();
                System.arraycopy(good, 0, swapped, 65536, 65536);
                System.arraycopy(good, 65536, swapped, 0, 65536);
                return swapped;
            }
        },
        BLOCK_OF_ZEROS {
            @Override
            byte[] of(byte[] good) {
                byte[] holed = good.clone();
                Arrays.fill(holed, 65536, 65536 + 4096, (byte) 0);
                return holed;
            }
        };

        abstract byte[] of(byte[] good);

        private static byte[] flipped(byte[] good, int at) {
            byte[] bad = good.clone();
            bad[at] ^= 0x10;
            return bad;
        }
    }

    /// How a blob is sent; each ends with a request that says its digest.
    enum Way {
        POST {
            @Override
            HttpResponse<byte[]> send(RunningRegistry to, byte[] bytes) throws Exception {
                return to.send("POST", "/v2/" + NAME + "/blobs/uploads/?digest=" + DIGEST, bytes);
            }
        },
        PUT {
            @Override
            HttpResponse<byte[]> send(RunningRegistry to, byte[] bytes) throws Exception {
                return to.send("PUT", with(to.startUpload(NAME), "digest=" + DIGEST), bytes);
            }
        },
        ONE_PATCH {
            @Override
            HttpResponse<byte[]> send(RunningRegistry to, byte[] bytes) throws Exception {
                String location = to.startUpload(NAME);
                to.send("PATCH", location, bytes);
                return to.send("PUT", with(location, "digest=" + DIGEST));
            }
        },
        CHUNKS {
            @Override
            HttpResponse<byte[]> send(RunningRegistry to, byte[] bytes) throws Exception {
                String location = to.startUpload(NAME);
                int at = 0;
                for (; at + 70_000 < bytes.length; at += 70_000) {
                    byte[] chunk = Arrays.copyOfRange(bytes, at, at + 70_000);
                    String range = at + "-" + (at + chunk.length - 1);
                    var patched = to.send("PATCH", location, chunk, "Content-Range", range);
                    assertThat(patched.statusCode()).isEqualTo(202);
                    location = header(patched, "Location");
                }
                byte[] last = Arrays.copyOfRange(bytes, at, bytes.length);
                return to.send("PUT", with(location, "digest=" + DIGEST), last);
            }
        },
        /// Without a length beforehand.
        STREAM {
            @Override
            HttpResponse<byte[]> send(RunningRegistry to, byte[] bytes) throws Exception {
                String location = to.startUpload(NAME);
                try (var client = HttpClient.newHttpClient()) {
                    client.send(
                            HttpRequest.newBuilder(to.uri(location))
                                    .method(
                                            "PATCH",
                                            BodyPublishers.ofInputStream(
                                                    () -> new ByteArrayInputStream(bytes)))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding());
                }
                return to.send("PUT", with(location, "digest=" + DIGEST));
            }
        };

        abstract HttpResponse<byte[]> send(RunningRegistry to, byte[] bytes) throws Exception;
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void nothingBrokenIsPublished(Way way) throws Exception {
        for (Damage damage : Damage.values()) {
            HttpResponse<byte[]> answer = way.send(registry, damage.of(LAYER));
            assertThat(answer.statusCode()).as(damage.toString()).isEqualTo(400);
            assertThat(text(answer)).as(damage.toString()).contains("DIGEST_INVALID");
            assertThat(registry.send("HEAD", "/v2/" + NAME + "/blobs/" + DIGEST).statusCode())
                    .as(damage.toString())
                    .isEqualTo(404);
        }
        assertThat(blobs()).isEmpty();
        assertThat(registry.storage().uploads().list(new RepositoryName(NAME)))
                .as("what is of no use does not stay")
                .isEmpty();
        // And the whole one, which was refused so often, is taken.
        assertThat(way.send(registry, LAYER).statusCode()).isEqualTo(201);
        assertThat(registry.get("/v2/" + NAME + "/blobs/" + DIGEST).body()).isEqualTo(LAYER);
    }

    /// As with every registry: whether it is a good layer is for those to say who unpack it.
    @Test
    void aDamagedLayerUnderItsOwnDigestIsABlobLikeOthers() throws Exception {
        for (Damage damage : Damage.values()) {
            byte[] bad = damage.of(LAYER);
            Digest own = registry.pushBlob(NAME, bad);
            assertThat(registry.get("/v2/" + NAME + "/blobs/" + own).body()).isEqualTo(bad);
        }
        assertThat(registry.send("HEAD", "/v2/" + NAME + "/blobs/" + DIGEST).statusCode())
                .isEqualTo(404);
    }

    /// A broken copy beside one that is there does it no harm.
    @ParameterizedTest
    @EnumSource(Way.class)
    void whatIsThereStaysWhole(Way way) throws Exception {
        registry.pushBlob(NAME, LAYER);
        assertThat(way.send(registry, Damage.MIDDLE_BIT.of(LAYER)).statusCode()).isEqualTo(400);
        assertThat(registry.get("/v2/" + NAME + "/blobs/" + DIGEST).body()).isEqualTo(LAYER);
    }

    @Test
    void aBodyThatEndsTooSoonIsNoUpload() throws Exception {
        for (String request :
                List.of(
                        "POST /v2/a/b/blobs/uploads/?digest=" + DIGEST,
                        "PUT " + path(with(registry.startUpload(NAME), "digest=" + DIGEST)))) {
            for (String length : List.of("Content-Length: 200000", "Transfer-Encoding: chunked")) {
                try (var socket =
                        new Socket(
                                "127.0.0.1", URI.create("http://" + registry.host()).getPort())) {
                    socket.getOutputStream()
                            .write(
                                    (request + " HTTP/1.1\r\nHost: x\r\n" + length + "\r\n\r\n")
                                            .getBytes(UTF_8));
                    // In chunks this is no chunk at all.
                    socket.getOutputStream().write(LAYER, 0, 100_000);
                    socket.shutdownOutput();
                    // The server has ended with it when it ends the connection.
                    String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
                    assertThat(answer).doesNotContain(" 201 ");
                }
                assertThat(registry.send("HEAD", "/v2/" + NAME + "/blobs/" + DIGEST).statusCode())
                        .isEqualTo(404);
            }
        }
        assertThat(blobs()).isEmpty();
    }

    /// Whoever says a range says how much it is, whether the body is told beforehand or not.
    @Test
    void aChunkMustBeAsLongAsItsRange() throws Exception {
        String location = registry.startUpload(NAME);
        assertThat(
                        registry.send("PATCH", location, new byte[5], "Content-Range", "0-9")
                                .statusCode())
                .isEqualTo(400);
        try (var client = HttpClient.newHttpClient()) {
            for (String range : List.of("0-9", "0-3")) {
                var streamed =
                        client.send(
                                HttpRequest.newBuilder(registry.uri(location))
                                        .header("Content-Range", range)
                                        .method(
                                                "PATCH",
                                                BodyPublishers.ofInputStream(() ->
                                                        new ByteArrayInputStream(new byte[5])))
                                        .build(),
                                HttpResponse.BodyHandlers.ofByteArray());
                assertThat(streamed.statusCode()).as(range).isEqualTo(400);
                assertThat(text(streamed)).contains("SIZE_INVALID");
                assertThat(header(registry.get(location), "Range")).isEqualTo("0-0");
            }
        }
        var put = registry.send("PUT", with(location, "digest=" + DIGEST), LAYER);
        assertThat(put.statusCode()).isEqualTo(201);
    }

    /// A bit that flips on the disk between two chunks, with the hash of the first in memory or not.
    @Test
    void damageOnTheDiskBetweenChunks() throws Exception {
        String location = registry.startUpload(NAME);
        registry.send("PATCH", location, Arrays.copyOf(LAYER, 100_000));
        String id = location.replaceFirst("\\?.*", "").replaceFirst(".*/", "");
        Path data =
                root.resolve("data/docker/registry/v2/repositories/a/b/_uploads")
                        .resolve(id)
                        .resolve("data");
        byte[] before = Files.readAllBytes(data);
        Files.write(data, Damage.MIDDLE_BIT.of(before));
        byte[] rest = Arrays.copyOfRange(LAYER, 100_000, LAYER.length);
        HttpResponse<byte[]> put = registry.send("PUT", with(location, "digest=" + DIGEST), rest);
        assertThat(put.statusCode()).isEqualTo(400);
        assertThat(text(put)).contains("DIGEST_INVALID");
        assertThat(blobs()).isEmpty();
    }

    private static String path(String location) {
        URI uri = URI.create(location);
        return uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
    }

    /// The files of all that is published.
    private List<Path> blobs() throws IOException {
        Path folder = root.resolve("data/docker/registry/v2/blobs");
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
