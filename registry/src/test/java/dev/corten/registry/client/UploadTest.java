package dev.corten.registry.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.Digest;
import dev.corten.model.NotFound;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.registry.client.FaultServer.Reply;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class UploadTest {
    private static final int LARGE = 3_000_000;
    private static final RegistryCredentials USER = new RegistryCredentials("u", "pw", "", "", "");

    private final List<Duration> slept = new CopyOnWriteArrayList<>();
    private final RegistryClient client =
            new RegistryClient(
                    () ->
                            new RegistrySettings(
                                    List.of(), List.of(), List.of(), Proxies.NONE, "test/1"),
                    () -> 4,
                    slept::add,
                    java.net.InetAddress::getAllByName,
                    InstantSource.system(),
                    Duration.ofSeconds(20));

    /// Takes uploads, keeps what has arrived of a request that was cut, and wants a new token when
    /// told so.
    private static final class Uploads implements FaultServer.Handler {
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private final List<Integer> parts = new CopyOnWriteArrayList<>();
        private final AtomicReference<String> finished = new AtomicReference<>("");
        private final AtomicReference<FaultServer> server = new AtomicReference<>();
        private volatile String token = "";
        private volatile int tokens;

        @Override
        public Reply answer(FaultServer.Asked a) {
            if (a.path().startsWith("/token")) {
                tokens++;
                token = "t" + tokens;
                return Reply.of(200, "{\"token\":\"" + token + "\"}");
            }
            if (!token.isEmpty() && !a.header("Authorization").equals("Bearer " + token)) {
                return Reply.of(
                        401,
                        "{}",
                        "WWW-Authenticate: Bearer realm=\"" + server.get().url("/token") + "\"");
            }
            return switch (a.method()) {
                case "POST" -> {
                    content.reset();
                    yield a.path().contains("mount=") && a.path().endsWith("from=other/one")
                            ? Reply.of(201, "")
                            : Reply.of(202, "", "Location: /upload/1?state=x");
                }
                case "PATCH" -> {
                    content.writeBytes(a.body());
                    parts.add(a.body().length);
                    yield Reply.of(202, "", "Location: /upload/1?state=y");
                }
                case "PUT" -> {
                    content.writeBytes(a.body());
                    finished.set(a.path());
                    yield Reply.of(201, "");
                }
                case "GET" ->
                        a.path().startsWith("/upload/")
                                ? Reply.of(204, "", "Range: 0-" + (content.size() - 1))
                                : Reply.of(200, "{}");
                default -> Reply.of(404, "");
            };
        }
    }

    private static FaultServer serve(Uploads uploads) throws IOException {
        var server = new FaultServer(uploads);
        uploads.server.set(server);
        return server;
    }

    private Repository push(FaultServer server) {
        return client.push(Reference.parse(server.authority() + "/a/b"), USER);
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static Descriptor layer(byte[] content) {
        return Descriptor.of(MediaTypes.OCI_LAYER_GZIP, Digest.of(content), content.length);
    }

    private static UploadSource source(byte[] content) {
        return offset ->
                new ByteArrayInputStream(content, (int) offset, content.length - (int) offset);
    }

    @Test
    void smallBlobGoesInOneRequest() throws Exception {
        byte[] blob = random(1000);
        var uploads = new Uploads();
        try (var server = serve(uploads)) {
            push(server).upload(layer(blob), source(blob), _ -> {});
            assertThat(uploads.content.toByteArray()).isEqualTo(blob);
            assertThat(uploads.parts).isEmpty();
            assertThat(uploads.finished.get())
                    .isEqualTo("/upload/1?state=x&digest=" + Digest.of(blob));
        }
    }

    @Test
    void cutUploadGoesOnWhereTheRegistryIs() throws Exception {
        byte[] blob = random(LARGE);
        var uploads = new Uploads();
        var cuts = new AtomicInteger(2);
        try (var server = serve(uploads)) {
            server.eats((method, _) ->
                    method.equals("PATCH") && cuts.getAndDecrement() > 0 ? 1_000_000 : -1);
            var progress = new CopyOnWriteArrayList<Long>();
            push(server).upload(layer(blob), source(blob), progress::add);
            assertThat(uploads.content.toByteArray()).isEqualTo(blob);
            assertThat(uploads.parts).containsExactly(1_000_000, 1_000_000, 1_000_000);
            assertThat(server.asked("PATCH", "/upload/1?state=x").get(1).header("Content-Range"))
                    .isEqualTo("1000000-2999999");
            assertThat(progress.getLast()).isEqualTo(LARGE);
            assertThat(uploads.finished.get()).endsWith("digest=" + Digest.of(blob));
        }
    }

    @Test
    void uploadThatWasGivenUpIsGoneOnWithByTheNextPush() throws Exception {
        byte[] blob = random(LARGE);
        var uploads = new Uploads();
        var parts = new AtomicInteger();
        try (var server = serve(uploads)) {
            server.eats((method, _) -> {
                if (!method.equals("PATCH")) {
                    return -1;
                }
                return parts.getAndIncrement() == 0 ? 1_000_000 : 0;
            });
            assertThatThrownBy(() -> push(server).upload(layer(blob), source(blob), _ -> {}))
                    .isInstanceOf(dev.corten.model.Internal.class);
            assertThat(uploads.content.size()).isEqualTo(1_000_000);
            server.eats((_, _) -> -1);
            push(server).upload(layer(blob), source(blob), _ -> {});
            assertThat(uploads.content.toByteArray()).isEqualTo(blob);
            assertThat(uploads.parts).first().isEqualTo(1_000_000);
            assertThat(uploads.parts).last().isEqualTo(2_000_000);
        }
    }

    @Test
    void smallBlobThatWasCutIsGoneOnWith() throws Exception {
        byte[] blob = random(200_000);
        var uploads = new Uploads();
        var cuts = new AtomicInteger(1);
        try (var server = serve(uploads)) {
            server.eats((method, _) ->
                    method.equals("PUT") && cuts.getAndDecrement() > 0 ? 150_000 : -1);
            push(server).upload(layer(blob), source(blob), _ -> {});
            assertThat(uploads.content.toByteArray()).isEqualTo(blob);
            assertThat(uploads.parts).containsExactly(50_000);
        }
    }

    /// `Range: 0-0` may be one byte or none.
    @Test
    void smallBlobOfWhichOneByteHasArrivedBeginsAnew() throws Exception {
        byte[] blob = random(200_000);
        var uploads = new Uploads();
        var cuts = new AtomicInteger(1);
        try (var server = serve(uploads)) {
            server.eats((method, _) -> method.equals("PUT") && cuts.getAndDecrement() > 0 ? 1 : -1);
            push(server).upload(layer(blob), source(blob), _ -> {});
            assertThat(uploads.content.toByteArray()).isEqualTo(blob);
            assertThat(server.asked("POST", "/v2/a/b/blobs/uploads/")).hasSize(2);
        }
    }

    @Test
    void expiredTokenInTheMiddleIsRenewed() throws Exception {
        byte[] blob = random(LARGE);
        var uploads = new Uploads();
        uploads.token = "none yet";
        var expiries = new AtomicInteger(1);
        try (var server = serve(uploads)) {
            server.eats((method, _) -> {
                if (method.equals("PATCH") && expiries.getAndDecrement() > 0) {
                    uploads.token = "another";
                }
                return -1;
            });
            push(server).upload(layer(blob), source(blob), _ -> {});
            assertThat(uploads.content.toByteArray()).isEqualTo(blob);
            assertThat(uploads.tokens).isEqualTo(2);
        }
    }

    @Test
    void mountNeedsNoUpload() throws Exception {
        byte[] blob = random(10);
        var uploads = new Uploads();
        try (var server = serve(uploads)) {
            Repository repository = push(server);
            String host = server.authority();
            assertThat(repository.mount(Digest.of(blob), Reference.parse(host + "/other/one")))
                    .isTrue();
            assertThat(repository.mount(Digest.of(blob), Reference.parse(host + "/not/there")))
                    .isFalse();
            assertThat(repository.mount(Digest.of(blob), Reference.parse("else.where/other/one")))
                    .isFalse();
            int before = server.asked().size();
            repository.upload(layer(blob), source(blob), _ -> {});
            assertThat(server.asked().subList(before, server.asked().size()))
                    .as("the upload that the registry began instead of the mount goes on")
                    .extracting(FaultServer.Asked::method)
                    .containsExactly("PUT");
        }
    }

    @Test
    void sourceThatCannotBeReadIsNotTriedAgain() throws Exception {
        byte[] blob = random(LARGE);
        var uploads = new Uploads();
        try (var server = serve(uploads)) {
            assertThatThrownBy(() ->
                            push(server)
                                    .upload(
                                            layer(blob),
                                            _ -> {
                                                throw new IOException("the disk is gone");
                                            },
                                            _ -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessage("the disk is gone");
            assertThat(slept).isEmpty();
        }
    }

    /// As a blob that was removed meanwhile does, or one that is found damaged while it is read.
    @Test
    void sourceThatFailsInItsOwnWayIsHeard() throws Exception {
        byte[] blob = random(LARGE);
        UploadSource gone =
                _ -> {
                    throw new NotFound("No such blob");
                };
        UploadSource damaged =
                _ ->
                        new InputStream() {
                            @Override
                            public int read() {
                                throw new UnsupportedOperationException("cannot go on");
                            }
                        };
        try (var server = serve(new Uploads())) {
            assertThatThrownBy(() -> push(server).upload(layer(blob), gone, _ -> {}))
                    .isInstanceOf(NotFound.class)
                    .hasMessage("No such blob");
            assertThatThrownBy(() -> push(server).upload(layer(blob), damaged, _ -> {}))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("cannot go on");
            assertThat(slept).isEmpty();
        }
    }

    @Test
    void uploadToAnotherHostIsRefused() throws Exception {
        byte[] blob = random(10);
        try (var server =
                new FaultServer(a ->
                        a.method().equals("POST")
                                ? Reply.of(202, "", "Location: http://localhost:1/steal")
                                : Reply.of(200, "{}"))) {
            assertThatThrownBy(() -> push(server).upload(layer(blob), source(blob), _ -> {}))
                    .hasMessageContaining("invalid location of an upload");
        }
    }
}
