package dev.corten.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.api.wire.ApiVersion;
import dev.corten.api.wire.Json;
import dev.corten.http.Headers;
import dev.corten.http.HttpServer;
import dev.corten.model.Conflict;
import dev.corten.model.NotFound;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Versions, routing, heads and errors, byte by byte, as a raw client sees them.
@Timeout(30)
class EngineApiTest {
    static final String COMMON =
            """
            Api-Version: 1.51
            Docker-Experimental: false
            Ostype: linux
            Server: Docker/28.5.2 Corten/0.1 (linux)
            """;

    @TempDir Path dir;
    HttpServer server;

    @BeforeEach
    void start() throws IOException {
        var routes = new ArrayList<Route>();
        routes.add(Route.get("/_ping", Kind.SYSTEM, Effect.READ, SystemRoutes::ping));
        routes.add(Route.head("/_ping", Kind.SYSTEM, Effect.READ, SystemRoutes::ping));
        routes.add(
                Route.get(
                        "/images/{name...}/json",
                        Kind.IMAGE,
                        Effect.READ,
                        r -> Response.json(Json.object(o -> o.text("n", r.name())))));
        routes.add(
                Route.post(
                        "/echo",
                        Kind.SYSTEM,
                        Effect.READ,
                        r -> {
                            String tty = r.json().text("Tty");
                            return Response.json(Json.object(o -> o.text("tty", tty)));
                        }));
        routes.add(
                Route.get(
                        "/late",
                        Kind.SYSTEM,
                        Effect.READ,
                        r ->
                                new Response.Streamed(
                                        200,
                                        Headers.none(),
                                        out -> {
                                            if (r.flag("begin")) {
                                                out.flush();
                                            }
                                            throw new NotFound("No such thing: <x>");
                                        })));
        routes.add(
                Route.delete(
                        "/thing",
                        Kind.SYSTEM,
                        Effect.READ,
                        _ -> {
                            throw new Conflict("in use");
                        }));
        routes.add(
                Route.get(
                        "/broken",
                        Kind.SYSTEM,
                        Effect.READ,
                        _ -> {
                            throw new IllegalStateException("on purpose");
                        }));
        routes.addAll(SwarmRoutes.routes());
        routes.addAll(MissingRoutes.routes());
        server =
                new HttpServer(
                        new EngineApi(routes, ApiVersion.OLDEST, "0.1", false, new ApiMetrics()));
        server.listenUnix(dir.resolve("s").toString());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /// The response without `Date`, lines ended by newlines only.
    String ask(String request) throws IOException {
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(dir.resolve("s")))) {
            String[] parts = request.split("\n\n", 2);
            String head =
                    parts[0].replace("\n", "\r\n") + "\r\nHost: x\r\nConnection: close\r\n\r\n";
            String body = parts.length > 1 ? parts[1] : "";
            channel.write(ByteBuffer.wrap((head + body).getBytes(StandardCharsets.UTF_8)));
            var all = ByteBuffer.allocate(1 << 16);
            while (channel.read(all) >= 0) {
                // until the server closes
            }
            return new String(all.array(), 0, all.position(), StandardCharsets.UTF_8)
                    .replaceAll("Date: [^\r]*\r\n|Connection: close\r\n", "")
                    .replace("\r\n", "\n");
        }
    }

    String post(String path, String type, String body) throws IOException {
        String head = "POST " + path + " HTTP/1.1\nContent-Length: " + body.length();
        return ask(head + (type.isEmpty() ? "" : "\nContent-Type: " + type) + "\n\n" + body);
    }

    @Test
    void ping() throws Exception {
        String head =
                """
                HTTP/1.1 200 OK
                Builder-Version: 1
                Cache-Control: no-cache, no-store, must-revalidate
                Content-Type: text/plain; charset=utf-8
                Pragma: no-cache
                Swarm: inactive
                """
                        + COMMON;
        assertThat(ask("GET /_ping HTTP/1.1")).isEqualTo(head + "Content-Length: 2\n\nOK");
        assertThat(ask("HEAD /_ping HTTP/1.1")).isEqualTo(head + "Content-Length: 0\n\n");
        assertThat(ask("GET /v1.24/_ping HTTP/1.1")).endsWith("\n\nOK");
    }

    @Test
    void versionsOutOfRange() throws Exception {
        assertThat(ask("GET /v1.52/_ping HTTP/1.1"))
                .isEqualTo(
                        """
                        HTTP/1.1 400 Bad Request
                        Content-Type: application/json
                        Api-Version: 1.51
                        Ostype: linux
                        Server: Docker/28.5.2 Corten/0.1 (linux)
                        Content-Length: 96

                        {"message":"client version 1.52 is too new. Maximum supported API version is 1.51"}
                        """
                                .replace("96", "84"));
        assertThat(ask("GET /v1.23/_ping HTTP/1.1"))
                .contains(
                        "Content-Type: text/plain; charset=utf-8\nX-Content-Type-Options: nosniff\n")
                .doesNotContain("Docker-Experimental")
                .endsWith(
                        "\n\nclient version 1.23 is too old. Minimum supported API version is 1.24,"
                                + " please upgrade your client to a newer version\n");
    }

    @Test
    void unknownRoutesAndMethodsHaveNoHeaders() throws Exception {
        String expected =
                """
                HTTP/1.1 404 Not Found
                Content-Type: application/json
                Content-Length: 29

                {"message":"page not found"}
                """;
        assertThat(ask("GET /nope HTTP/1.1")).isEqualTo(expected);
        assertThat(ask("GET /_ping/ HTTP/1.1")).isEqualTo(expected);
        assertThat(ask("PATCH /_ping HTTP/1.1")).isEqualTo(expected);
        assertThat(ask("GET /v1.52/nope HTTP/1.1")).isEqualTo(expected);
    }

    @Test
    void pathsAreCleanedByRedirection() throws Exception {
        assertThat(ask("GET //_ping?a=1 HTTP/1.1"))
                .startsWith("HTTP/1.1 301 Moved Permanently\nLocation: /_ping?a=1\n");
        assertThat(ask("GET /v1.51/../_ping HTTP/1.1")).contains("Location: /_ping\n");
    }

    @Test
    void optionsOfAnyPath() throws Exception {
        assertThat(ask("OPTIONS /whatever HTTP/1.1"))
                .isEqualTo("HTTP/1.1 200 OK\n" + COMMON + "Content-Length: 0\n\n");
    }

    @Test
    void imageNamesHaveSlashes() throws Exception {
        assertThat(ask("GET /v1.44/images/host:5000/a%2Fb:1/json HTTP/1.1"))
                .endsWith("\n\n{\"n\":\"host:5000/a/b:1\"}\n");
        assertThat(ask("GET /images/%zz/json HTTP/1.1"))
                .startsWith("HTTP/1.1 400")
                .endsWith("{\"message\":\"invalid URL escape \\\"%zz\\\"\"}\n");
    }

    @Test
    void errorsAreJson() throws Exception {
        assertThat(ask("DELETE /v1.40/thing HTTP/1.1"))
                .isEqualTo(
                        "HTTP/1.1 409 Conflict\nContent-Type: application/json\n"
                                + COMMON
                                + "Content-Length: 21\n\n{\"message\":\"in use\"}\n");
        assertThat(ask("GET /broken HTTP/1.1"))
                .startsWith("HTTP/1.1 500 Internal Server Error\n")
                .endsWith("{\"message\":\"on purpose\"}\n");
        assertThat(ask("GET /services HTTP/1.1"))
                .startsWith("HTTP/1.1 503 Service Unavailable\n")
                .contains("This node is not a swarm manager. Use \\\"docker swarm init\\\"");
        assertThat(ask("POST /plugins/create HTTP/1.1"))
                .startsWith("HTTP/1.1 501 Not Implemented\n")
                .endsWith("{\"message\":\"plugins is not supported by Corten yet\"}\n");
        assertThat(ask("GET /plugins HTTP/1.1")).endsWith("\n\n[]\n");
    }

    @Test
    void streamsThatFailBeforeTheirHeadAnswerTheError() throws Exception {
        assertThat(ask("GET /late HTTP/1.1"))
                .startsWith("HTTP/1.1 404 Not Found\n")
                .endsWith("\n\n{\"message\":\"No such thing: <x>\"}\n");
        assertThat(ask("GET /late?begin=1 HTTP/1.1"))
                .startsWith("HTTP/1.1 200 OK\n")
                .endsWith("\n\n");
    }

    @Test
    void bodiesAreCheckedAsDockerDoes() throws Exception {
        record Case(String type, String body, String message) {}
        List<Case> cases =
                List.of(
                        new Case(
                                "text/plain",
                                "{}",
                                "unsupported Content-Type header (text/plain): must be"
                                        + " 'application/json'"),
                        new Case(
                                "x",
                                "{}",
                                "unsupported Content-Type header (x): must be 'application/json'"),
                        new Case("", "{}", "malformed Content-Type header (): mime: no media type"),
                        new Case(
                                "application/json",
                                " ",
                                "invalid JSON: got EOF while reading request body"),
                        new Case("application/json", "{} x", "unexpected content after JSON"),
                        new Case("application/json", "{\"a\":", "invalid JSON: unexpected EOF"),
                        new Case("application/json", "{a}", "invalid JSON: "),
                        new Case(
                                "application/json; charset=utf-8",
                                "{\"Tty\":5}",
                                "invalid JSON: Tty must be a string"),
                        new Case("application/json", "[".repeat(100_000), "invalid JSON: "));
        for (Case c : cases) {
            assertThat(post("/echo", c.type(), c.body()))
                    .startsWith("HTTP/1.1 400 Bad Request\n")
                    .contains("{\"message\":\"" + c.message());
        }
        assertThat(post("/echo", "", "")).endsWith("{\"tty\":\"\"}\n");
        assertThat(post("/echo", "application/json", "{\"TTY\":\"a\",\"x\":[1]}\n"))
                .endsWith("{\"tty\":\"a\"}\n");
        assertThat(post("/echo", "application/json", "{\"Tty\":\"" + "a".repeat(5 << 20) + "\"}"))
                .contains("the request body is larger than 4194304 bytes");
    }

    @Test
    void wordsOfTruth() {
        for (String no : List.of("", "0", "no", "false", "none", " False ", "NONE")) {
            assertThat(Request.isTrue(no)).as(no).isFalse();
        }
        for (String yes : List.of("1", "true", "yes", "x", "off")) {
            assertThat(Request.isTrue(yes)).as(yes).isTrue();
        }
    }

    @Test
    void timesOfLogs() {
        assertThat(StreamRoutes.UnixTime.nineDigits("2026-11-21T13:27:27.2253Z"))
                .isEqualTo("2026-11-21T13:27:27.225300000Z");
        assertThat(StreamRoutes.UnixTime.nineDigits("2026-11-21T13:27:27Z"))
                .isEqualTo("2026-11-21T13:27:27.000000000Z");
        assertThat(StreamRoutes.UnixTime.parse("5.000000007").orElseThrow().getNano()).isEqualTo(7);
        for (String far : List.of("9223372036854775807", "-9223372036854775808")) {
            assertThat(StreamRoutes.UnixTime.parse(far)).as(far).isPresent();
        }
    }
}
