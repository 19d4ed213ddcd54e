package dev.corten.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.client.ScriptedServer.Answer;
import dev.corten.model.Conflict;
import dev.corten.model.NotFound;
import dev.corten.model.Upstream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiClientTest {
    @TempDir Path folder;

    private static Answer answer(String bytes) {
        return new Answer(bytes, false);
    }

    private static Answer last(String bytes) {
        return new Answer(bytes, true);
    }

    private static ApiClient client(ScriptedServer server) {
        return new ApiClient(server.endpoint(), ApiClient.Settings.usual("", "Test"));
    }

    private static String get(ScriptedServer server) throws IOException {
        try (ApiClient api = client(server);
                Response response = api.send(Request.get("/x"))) {
            return new String(response.bytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void connectionIsUsedAgainAfterWholeBodies() throws IOException {
        try (var server =
                        new ScriptedServer(
                                folder,
                                answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"),
                                answer("HTTP/1.1 204 No Content\r\n\r\n"),
                                answer(
                                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                                + "1\r\nc\r\n0\r\n\r\n"),
                                answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"));
                ApiClient api = client(server)) {
            api.call(Request.get("/a"));
            api.call(Request.post("/b"));
            api.call(Request.get("/c"));
            api.call(Request.head("/d"));
            assertThat(server.connections).isEqualTo(1);
            assertThat(server.requests.get(0))
                    .isEqualTo("GET /v1.51/a HTTP/1.1\r\nHost: corten\r\nUser-Agent: Test\r\n\r\n");
            assertThat(server.requests.get(1)).contains("\r\nContent-Length: 0\r\n");
        }
    }

    @Test
    void keptConnectionThatWasClosedIsReplaced() throws IOException {
        try (var server =
                        new ScriptedServer(
                                folder,
                                last("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
                                last("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
                ApiClient api = client(server)) {
            api.call(Request.get("/a"));
            api.call(Request.get("/b"));
            assertThat(server.connections).isEqualTo(2);
        }
    }

    @Test
    void chunksWithExtensionsAndTrailers() throws IOException {
        String chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        try (var server =
                new ScriptedServer(
                        folder,
                        last(chunked + "3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: x\r\n\r\n"))) {
            assertThat(get(server)).isEqualTo("abc0123456789");
        }
    }

    @Test
    void malformedChunksAreRefused() throws IOException {
        String chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        int i = 0;
        for (String body :
                new String[] {
                    "x\r\n", "\r\n", "-1\r\n", "1\r\nabc\r\n", "FFFFFFFFFFFFFFFF\r\n", "+1\r\n"
                }) {
            Path own = folder.resolve("d" + i++);
            java.nio.file.Files.createDirectory(own);
            try (var server = new ScriptedServer(own, last(chunked + body))) {
                assertThatThrownBy(() -> get(server))
                        .as(body)
                        .isInstanceOf(ProtocolException.class);
            }
        }
    }

    @Test
    void bodyThatEndsEarlyIsAnError() throws IOException {
        try (var server =
                new ScriptedServer(
                        folder, last("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"))) {
            assertThatThrownBy(() -> get(server)).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void bodyWithoutLengthGoesToTheEnd() throws IOException {
        try (var server = new ScriptedServer(folder, last("HTTP/1.1 200 OK\r\n\r\nto the end"))) {
            assertThat(get(server)).isEqualTo("to the end");
        }
    }

    @Test
    void refusalsKeepKindAndMessage() throws IOException {
        try (var server =
                        new ScriptedServer(
                                folder,
                                answer(
                                        "HTTP/1.1 404 Not Found\r\nContent-Length: 19\r\n\r\n"
                                                + "{\"message\":\"absent\"}".substring(0, 19)),
                                last(""));
                ApiClient api = client(server)) {
            assertThatThrownBy(() -> api.call(Request.get("/x"))).isInstanceOf(NotFound.class);
        }
        Path own = folder.resolve("d");
        java.nio.file.Files.createDirectory(own);
        try (var server =
                        new ScriptedServer(
                                own,
                                answer(
                                        "HTTP/1.1 409 Conflict\r\nContent-Length: 18\r\n\r\n"
                                                + "{\"message\":\"taken\"}".substring(0, 18)),
                                answer("HTTP/1.1 418 Teapot\r\nContent-Length: 4\r\n\r\nno\r\n"));
                ApiClient api = client(server)) {
            assertThatThrownBy(() -> api.call(Request.get("/x"))).isInstanceOf(Conflict.class);
            assertThatThrownBy(() -> api.call(Request.get("/x")))
                    .isInstanceOf(Upstream.class)
                    .hasMessage("no");
        }
    }

    @Test
    void olderDaemonIsSpokenToInItsVersion() throws IOException {
        String refusal = "{\"message\":\"client version 1.51 is too new\"}";
        try (var server =
                        new ScriptedServer(
                                folder,
                                answer(
                                        "HTTP/1.1 400 Bad Request\r\nApi-Version: 1.41\r\n"
                                                + "Content-Length: "
                                                + refusal.length()
                                                + "\r\n\r\n"
                                                + refusal),
                                answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"));
                ApiClient api = client(server)) {
            assertThat(api.json(Request.get("/info")).kind()).isEqualTo(Json.Kind.OBJECT);
            assertThat(server.requests.get(1)).startsWith("GET /v1.41/info ");
        }
    }

    @Test
    void streamedBodyIsSentInChunksAfterAskingForTheVersion() throws IOException {
        try (var server =
                        new ScriptedServer(
                                folder,
                                answer("HTTP/1.1 200 OK\r\nApi-Version: 1.44\r\n\r\n"),
                                answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
                ApiClient api = client(server)) {
            api.call(
                    Request.post("/images/load").stream(
                            "application/x-tar", new ByteArrayInputStream("tar".getBytes())));
            assertThat(server.requests.get(0)).startsWith("HEAD /_ping ");
            assertThat(server.requests.get(1))
                    .startsWith("POST /v1.44/images/load ")
                    .endsWith("\r\n\r\n3\r\ntar\r\n0\r\n\r\n");
        }
    }

    @Test
    void upgradeKeepsWhatCameWithTheHead() throws IOException {
        try (var server =
                        new ScriptedServer(
                                folder,
                                last(
                                        "HTTP/1.1 101 UPGRADED\r\nContent-Type: "
                                                + "application/vnd.docker.multiplexed-stream\r\n"
                                                + "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\nearly"));
                ApiClient api = client(server);
                Upgraded stream = api.upgrade(Request.post("/containers/x/attach"))) {
            assertThat(stream.multiplexed()).isTrue();
            assertThat(stream.input().readAllBytes()).asString().isEqualTo("early");
            assertThat(server.requests.getFirst())
                    .contains("Connection: Upgrade\r\nUpgrade: tcp\r\n");
        }
    }

    @Test
    void queryIsSortedAndEscapedByteForByte() throws IOException {
        Request request =
                Request.get("/x").query("z", "a b&c").query("a", "한\udcff").query("z", "2");
        assertThat(request.target()).isEqualTo("/x?a=%ED%95%9C%FF&z=a+b%26c&z=2");
        assertThat(Request.segment("a/b:1?x")).isEqualTo("a/b:1%3Fx");
    }

    @Test
    void absentDaemonIsNamed() {
        var api =
                new ApiClient(
                        Endpoint.unix(folder + "/none"), ApiClient.Settings.usual("", "Test"));
        assertThatThrownBy(() -> api.call(Request.get("/x")))
                .isInstanceOf(DaemonUnreachable.class)
                .hasMessageContaining("unix://" + folder + "/none");
    }
}
