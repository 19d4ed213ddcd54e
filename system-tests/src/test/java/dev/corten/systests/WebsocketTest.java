package dev.corten.systests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Attach by websocket, frame by frame.
@ExtendWith(PrivateEngine.class)
@Shows("API-04")
class WebsocketTest {
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    /// The example of RFC 6455.
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private static final String STREAMS = "stream=1&stdin=1&stdout=1&stderr=1";

    private static Api.Connection open(Api api, String path) {
        Api.Connection connection = api.connect();
        connection.send(
                "GET "
                        + path
                        + " HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                        + KEY
                        + "\r\n\r\n");
        String head = connection.awaitHead();
        assertThat(head)
                .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                .contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        return connection;
    }

    /// A frame of a client, which is masked.
    private static byte[] frame(int opcode, byte[] content) {
        var frame = new ByteArrayOutputStream();
        frame.write(0x80 | opcode);
        if (content.length < 126) {
            frame.write(0x80 | content.length);
        } else {
            frame.write(0x80 | 126);
            frame.write(content.length >> 8);
            frame.write(content.length);
        }
        byte[] mask = {1, 2, 3, 4};
        frame.writeBytes(mask);
        for (int i = 0; i < content.length; i++) {
            frame.write(content[i] ^ mask[i % 4]);
        }
        return frame.toByteArray();
    }

    /// What complete frames of one kind hold, joined.
    private static byte[] content(byte[] all, int opcode) {
        var content = new ByteArrayOutputStream();
        int at = new String(all, ISO_8859_1).indexOf("\r\n\r\n") + 4;
        while (at + 2 <= all.length) {
            int length = all[at + 1] & 0x7F;
            int head = 2;
            if (length == 126 && at + 4 <= all.length) {
                length = (all[at + 2] & 0xFF) << 8 | all[at + 3] & 0xFF;
                head = 4;
            } else if (length == 127 && at + 10 <= all.length) {
                length =
                        (all[at + 6] & 0xFF) << 24
                                | (all[at + 7] & 0xFF) << 16
                                | (all[at + 8] & 0xFF) << 8
                                | all[at + 9] & 0xFF;
                head = 10;
            }
            if (at + head + length > all.length) {
                break;
            }
            if ((all[at] & 0xF) == opcode) {
                content.write(all, at + head, length);
            }
            at += head + length;
        }
        return content.toByteArray();
    }

    private static byte[] await(Api.Connection connection, int opcode, Predicate<byte[]> wanted) {
        return content(
                connection.received().await("frames", all -> wanted.test(content(all, opcode))),
                opcode);
    }

    @Test
    void bytesPassInFramesBothWays(Api api, Client docker) {
        docker.ok("run", "-d", "-i", "--name", "c1", "busybox", "sh", "-c", "cat; echo end >&2");
        try (var connection = open(api, "/containers/c1/attach/ws?" + STREAMS)) {
            byte[] bytes = new byte[60_000];
            new Random(6).nextBytes(bytes);
            connection.send(frame(BINARY, bytes));
            byte[] back = await(connection, BINARY, content -> content.length >= bytes.length);
            assertThat(Arrays.equals(back, bytes)).isTrue();
            connection.send(frame(PING, "are you there".getBytes(UTF_8)));
            await(connection, PONG, content -> new String(content, UTF_8).equals("are you there"));
        }
        docker.ok("rm", "-f", "c1");
    }

    @Test
    void theEndOfTheContainerIsTheEndOfTheWebsocket(Api api, Client docker) {
        docker.ok("create", "-i", "--name", "c1", "busybox", "sh", "-c", "echo o; echo e >&2");
        try (var connection = open(api, "/containers/c1/attach/ws?" + STREAMS)) {
            docker.ok("start", "c1");
            byte[] all = connection.received().awaitEnd();
            assertThat(new String(content(all, BINARY), UTF_8)).isEqualTo("o\ne\n");
            // 1000: as it should be.
            assertThat(content(all, CLOSE)).containsExactly(3, (byte) 0xE8);
        }
        docker.ok("rm", "-f", "c1");
    }

    @Test
    void aClientThatClosesIsAnsweredAndLetGo(Api api, Client docker) {
        docker.ok("run", "-d", "-i", "--name", "c1", "busybox", "cat");
        try (var connection = open(api, "/containers/c1/attach/ws?" + STREAMS)) {
            connection.send(frame(CLOSE, new byte[] {3, (byte) 0xE8}));
            assertThat(content(connection.received().awaitEnd(), CLOSE))
                    .containsExactly(3, (byte) 0xE8);
        }
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "c1")).isEqualTo("running");
        docker.ok("rm", "-f", "c1");
    }

    @Test
    void oldClientsGetFramesOfText(Api api, Client docker) {
        docker.ok("create", "--name", "c1", "busybox", "echo", "hello");
        try (var connection = open(api, "/v1.27/containers/c1/attach/ws?" + STREAMS)) {
            docker.ok("start", "c1");
            byte[] all = connection.received().awaitEnd();
            assertThat(new String(content(all, TEXT), UTF_8)).isEqualTo("hello\n");
        }
        docker.ok("rm", "-f", "c1");
    }

    @Test
    void whatIsNoWebsocketIsRefused(Api api, Client docker) {
        assertThat(api.get("/containers/nope/attach/ws").message())
                .isEqualTo("No such container: nope");
        docker.ok("create", "--name", "c1", "busybox");
        assertThat(api.get("/containers/c1/attach/ws").status()).isEqualTo(400);
        docker.ok("rm", "c1");
    }
}
