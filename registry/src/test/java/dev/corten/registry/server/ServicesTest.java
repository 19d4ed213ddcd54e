package dev.corten.registry.server;

import static dev.corten.registry.server.RunningRegistry.text;
import static dev.corten.registry.server.RunningRegistry.with;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.http.Headers;
import dev.corten.http.HttpServer;
import dev.corten.model.Digest;
import dev.corten.registry.server.settings.BadSettings;
import dev.corten.registry.server.settings.ServerSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Quotas, notifications, counters, the cache of another registry, settings.
final class ServicesTest {
    @TempDir private Path root;

    @Test
    void quotas() throws Exception {
        String quotas =
                "corten: {quotas: {default: 1k, repositories: [{name: big/, bytes: 1m}]}}\n";
        try (var registry = new RunningRegistry(root, quotas)) {
            registry.pushBlob("small", new byte[600]);
            // The same again takes no more.
            registry.pushBlob("small", new byte[600]);
            byte[] other = new byte[500];
            other[0] = 1;
            var put =
                    registry.send(
                            "PUT",
                            with(registry.startUpload("small"), "digest=" + Digest.of(other)),
                            other);
            assertThat(put.statusCode()).isEqualTo(403);
            assertThat(text(put)).contains("DENIED").contains("quota");
            registry.pushBlob("big/one", new byte[600]);
            registry.pushBlob("big/one", other);
        }
    }

    /// Each of the two has begun when there was room for it.
    @Test
    void aQuotaHoldsForUploadsAtTheSameTime() throws Exception {
        try (var registry = new RunningRegistry(root, "corten: {quotas: {default: 1k}}\n")) {
            var sockets = new ArrayList<Socket>();
            try {
                for (int n = 0; n < 2; n++) {
                    byte[] content = content(n);
                    String location = registry.startUpload("a");
                    var socket = new Socket("127.0.0.1", registry.server().address().getPort());
                    sockets.add(socket);
                    URI uri = URI.create(with(location, "digest=" + Digest.of(content)));
                    String head =
                            "PUT %s?%s HTTP/1.1\r\nHost: x\r\nContent-Length: 600\r\n\r\n"
                                    .formatted(uri.getPath(), uri.getQuery());
                    socket.getOutputStream().write(head.getBytes(UTF_8));
                    socket.getOutputStream().write(content, 0, 1);
                    socket.getOutputStream().flush();
                    String id = location.substring(location.lastIndexOf('/') + 1);
                    awaitByte(
                            root.resolve("data/docker/registry/v2/repositories/a/_uploads")
                                    .resolve(id)
                                    .resolve("data"));
                }
                var answers = new ArrayList<String>();
                for (int n = 0; n < 2; n++) {
                    Socket socket = sockets.get(n);
                    socket.getOutputStream().write(content(n), 1, 599);
                    socket.getOutputStream().flush();
                    var in =
                            new BufferedReader(
                                    new InputStreamReader(socket.getInputStream(), UTF_8));
                    answers.add(in.readLine());
                }
                assertThat(answers)
                        .containsExactly("HTTP/1.1 201 Created", "HTTP/1.1 403 Forbidden");
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
            assertThat(registry.get("/v2/a/blobs/" + Digest.of(content(0))).statusCode())
                    .isEqualTo(200);
            assertThat(registry.get("/v2/a/blobs/" + Digest.of(content(1))).statusCode())
                    .isEqualTo(404);
            // What is refused takes no room.
            registry.pushBlob("a", new byte[300]);
        }
    }

    private static byte[] content(int n) {
        byte[] content = new byte[600];
        java.util.Arrays.fill(content, (byte) ('a' + n));
        return content;
    }

    private static void awaitByte(Path file) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (Files.size(file) == 0) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void othersAreToldUntilTheyHaveHeard() throws Exception {
        var heard = new LinkedBlockingQueue<String>();
        var failures = new AtomicInteger(2);
        try (var listener =
                new HttpServer(exchange -> {
                    byte[] body = exchange.body().readAllBytes();
                    boolean fails = failures.getAndDecrement() > 0;
                    if (!fails) {
                        heard.add(
                                exchange.headers().first("Content-Type")
                                        + " "
                                        + exchange.headers().first("X-Key")
                                        + " "
                                        + new String(body, UTF_8));
                    }
                    exchange.respond(fails ? 500 : 200, Headers.none(), new byte[0]);
                })) {
            int port =
                    listener.listenTcp(new InetSocketAddress("127.0.0.1", 0), Optional.empty())
                            .getPort();
            String endpoint =
                    """
                    notifications:
                      endpoints:
                        - {name: ear, url: "http://127.0.0.1:%d/", timeout: 5s, headers: {X-Key: [k]},
                           ignore: {actions: [pull]}}
                    """
                            .formatted(port);
            try (var registry = new RunningRegistry(root, endpoint)) {
                Digest digest = registry.pushImage("a/b", "v", "layer");
                registry.get("/v2/a/b/manifests/v");
                registry.send("DELETE", "/v2/a/b/manifests/" + digest);
                String config = heard.poll(20, TimeUnit.SECONDS);
                assertThat(config)
                        .startsWith("application/vnd.docker.distribution.events.v1+json k ")
                        .contains("\"action\":\"push\"", "\"repository\":\"a/b\"");
                heard.poll(20, TimeUnit.SECONDS);
                assertThat(heard.poll(20, TimeUnit.SECONDS))
                        .contains("\"action\":\"push\"", "\"tag\":\"v\"", digest.toString());
                assertThat(heard.poll(20, TimeUnit.SECONDS)).contains("\"action\":\"delete\"");
            }
        }
    }

    @Test
    void countersAndHealth() throws Exception {
        try (var registry = new RunningRegistry(root, "")) {
            registry.get("/v2/");
        }
        var settings =
                ServerSettings.read(
                        Optional.empty(),
                        Map.of(
                                "REGISTRY_HTTP_ADDR", "127.0.0.1:0",
                                "REGISTRY_HTTP_DEBUG_ADDR", "127.0.0.1:0",
                                "REGISTRY_HTTP_DEBUG_PROMETHEUS_ENABLED", "true",
                                "REGISTRY_LOG_ACCESSLOG_DISABLED", "true",
                                "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", root.toString()));
        try (var server = new RegistryServer(settings);
                var client = java.net.http.HttpClient.newHttpClient()) {
            server.open();
            assertThat(get(client, server.address(), "/v2/")).isEqualTo("{}\n");
            assertThat(get(client, server.debugAddress(), "/debug/health")).isEqualTo("{}");
            assertThat(get(client, server.debugAddress(), "/metrics"))
                    .contains(
                            "registry_http_requests_total{code=\"200\",handler=\"base\",method=\"get\"}"
                                    + " 1\n",
                            "registry_http_request_duration_seconds_count{handler=\"base\",method=\"get\"}"
                                    + " 1\n");
        }
    }

    private static String get(
            java.net.http.HttpClient client, InetSocketAddress address, String path)
            throws Exception {
        var uri = java.net.URI.create("http://127.0.0.1:" + address.getPort() + path);
        return client.send(
                        java.net.http.HttpRequest.newBuilder(uri).build(),
                        java.net.http.HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void theCacheOfAnotherRegistry() throws Exception {
        byte[] large = new byte[3 << 20];
        new java.util.Random(7).nextBytes(large);
        Digest blob = Digest.of(large);
        try (var upstream = new RunningRegistry(root.resolve("upstream"))) {
            Digest first = upstream.pushImage("a/b", "v", "layer");
            upstream.pushBlob("a/b", large);
            String proxy = "proxy: {remoteurl: \"http://" + upstream.host() + "\"}\n";
            try (var cache = new RunningRegistry(root.resolve("cache"), proxy)) {
                assertThat(cache.get("/v2/a/b/manifests/none").statusCode()).isEqualTo(404);
                assertThat(cache.get("/v2/a/b/blobs/" + Digest.of(new byte[9])).statusCode())
                        .isEqualTo(404);
                assertThat(Digest.of(cache.get("/v2/a/b/manifests/v").body())).isEqualTo(first);
                assertThat(cache.get("/v2/a/b/blobs/" + blob).body()).isEqualTo(large);
                assertThat(text(cache.get("/v2/a/b/tags/list"))).contains("[\"v\"]");
                assertThat(cache.send("POST", "/v2/a/b/blobs/uploads/").statusCode())
                        .isEqualTo(405);
                Digest second = upstream.pushImage("a/b", "v", "newer");
                assertThat(Digest.of(cache.get("/v2/a/b/manifests/v").body())).isEqualTo(second);
                upstream.stop();
                assertThat(Digest.of(cache.get("/v2/a/b/manifests/v").body())).isEqualTo(second);
                assertThat(cache.get("/v2/a/b/blobs/" + blob, "Range", "bytes=0-3").body())
                        .hasSize(4);
                assertThat(
                                cache.get("/v2/a/b/blobs/" + Digest.of("layer".getBytes(UTF_8)))
                                        .statusCode())
                        .isEqualTo(503);
            }
        }
    }

    /// Whoever may see one repository gets nothing of another one, not even while somebody else does.
    @Test
    void theCacheAsksForEachRepository() throws Exception {
        byte[] content = "content".getBytes(UTF_8);
        Digest blob = Digest.of(content);
        var asked = new CountDownLatch(1);
        var allowed = new CountDownLatch(1);
        try (var upstream =
                new HttpServer(exchange -> {
                    boolean here = exchange.path().equals("/v2/a/blobs/" + blob);
                    if (here && exchange.method().equals("GET")) {
                        asked.countDown();
                        allowed.await();
                    }
                    boolean base = exchange.path().equals("/v2/");
                    exchange.respond(
                            here || base ? 200 : 404, Headers.none(), here ? content : new byte[0]);
                })) {
            int port =
                    upstream.listenTcp(new InetSocketAddress("127.0.0.1", 0), Optional.empty())
                            .getPort();
            String proxy = "proxy: {remoteurl: \"http://127.0.0.1:" + port + "\"}\n";
            try (var cache = new RunningRegistry(root, proxy);
                    var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var first = threads.submit(() -> cache.get("/v2/a/blobs/" + blob).statusCode());
                asked.await();
                var second = threads.submit(() -> cache.get("/v2/b/blobs/" + blob).statusCode());
                try {
                    assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo(404);
                } finally {
                    allowed.countDown();
                }
                assertThat(first.get()).isEqualTo(200);
                assertThat(cache.get("/v2/b/blobs/" + blob).statusCode()).isEqualTo(404);
            }
        }
    }

    @Test
    void settingsOfFileAndEnvironment() throws Exception {
        Path file = root.resolve("config.yml");
        Files.writeString(
                file,
                """
                version: 0.1
                log: {level: debug, fields: {service: registry}}
                storage:
                  cache: {blobdescriptor: inmemory}
                  filesystem: {rootdirectory: /from/file}
                  maintenance: {uploadpurging: {enabled: false, age: 1h30m}}
                http:
                  addr: :5000
                  headers: {X-Content-Type-Options: [nosniff]}
                  tsl: {certificate: /x}
                redis: {addr: localhost}
                """);
        var settings =
                ServerSettings.read(
                        Optional.of(file),
                        Map.of(
                                "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", "/from/environment",
                                "REGISTRY_STORAGE_DELETE_ENABLED", "true",
                                "REGISTRY_AUTH", "htpasswd",
                                "REGISTRY_AUTH_HTPASSWD_REALM", "r",
                                "REGISTRY_AUTH_HTPASSWD_PATH", "/p"));
        assertThat(settings.rootDirectory()).isEqualTo(Path.of("/from/environment"));
        assertThat(settings.deletes()).isTrue();
        assertThat(settings.purging().enabled()).isFalse();
        assertThat(settings.purging().age()).hasMinutes(90);
        assertThat(settings.auth())
                .isEqualTo(new ServerSettings.Auth.Passwords("r", Path.of("/p")));
        assertThat(settings.http().headers()).containsExactly("X-Content-Type-Options", "nosniff");
        assertThat(settings.warnings())
                .containsExactly("redis has no effect", "unknown setting http.tsl");
    }

    @Test
    void otherStoragesAreRefused() {
        assertThatThrownBy(() ->
                        ServerSettings.read(
                                Optional.empty(), Map.of("REGISTRY_STORAGE_S3_BUCKET", "b")))
                .isInstanceOf(BadSettings.class)
                .hasMessageStartingWith("storage driver not supported: s3");
    }
}
