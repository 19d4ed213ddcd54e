package dev.corten.api.build;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corten.api.wire.JsonInput;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class FrameConnectionTest {
    private final CountDownLatch gone = new CountDownLatch(1);
    private FrameConnection connection;
    private DataInputStream fromDaemon;
    private DataOutputStream toDaemon;

    private record Frame(int channel, int kind, byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }
    }

    @BeforeEach
    void connect() throws IOException {
        var out = new PipedOutputStream();
        fromDaemon = new DataInputStream(new PipedInputStream(out, 1 << 20));
        var in = new PipedOutputStream();
        toDaemon = new DataOutputStream(in);
        connection = new FrameConnection(new PipedInputStream(in, 1 << 20), out, gone::countDown);
        connection.start();
    }

    @AfterEach
    void close() {
        connection.close();
    }

    private Frame next() throws IOException {
        int length = fromDaemon.readInt();
        int channel = fromDaemon.readInt();
        int kind = fromDaemon.readUnsignedByte();
        byte[] payload = new byte[length];
        fromDaemon.readFully(payload);
        return new Frame(channel, kind, payload);
    }

    private void send(int channel, int kind, byte[] payload) throws IOException {
        toDaemon.writeInt(payload.length);
        toDaemon.writeInt(channel);
        toDaemon.write(kind);
        toDaemon.write(payload);
        toDaemon.flush();
    }

    private interface Call<T> {
        T run() throws Exception;
    }

    private static <T> CompletableFuture<T> begin(Call<T> call) {
        var future = new CompletableFuture<T>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        future.complete(call.run());
                    } catch (Throwable e) {
                        future.completeExceptionally(e);
                    }
                });
        return future;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void asksForASecret() throws Exception {
        var client = new ClientAsks(connection, Set.of("s"), Set.of());
        var secret = begin(() -> client.secret("s"));
        JsonInput ask = JsonInput.parse(next().payload());
        assertEquals("secret", ask.text("ask"));
        assertEquals("s", ask.text("id"));
        int channel = ask.smallNumber("channel");
        send(channel, FrameConnection.DATA, bytes("hid"));
        send(channel, FrameConnection.DATA, bytes("den"));
        send(channel, FrameConnection.END, bytes(""));
        assertArrayEquals(bytes("hidden"), secret.get().orElseThrow());
        assertTrue(client.secret("other").isEmpty());
    }

    @Test
    void failureOfTheClientHasItsWords() throws Exception {
        var client = new ClientAsks(connection, Set.of("s"), Set.of());
        var secret = begin(() -> client.secret("s"));
        int channel = JsonInput.parse(next().payload()).smallNumber("channel");
        send(channel, FrameConnection.FAILURE, bytes("no such file"));
        var e = assertThrows(java.util.concurrent.ExecutionException.class, secret::get);
        assertEquals("no such file", e.getCause().getMessage());
    }

    @Test
    void sendsOnlyWhatThereIsCreditFor() throws Exception {
        FrameChannel channel = connection.open();
        byte[] data = new byte[FrameChannel.WINDOW + 10];
        var written =
                begin(() -> {
                    OutputStream out = channel.output();
                    out.write(data);
                    out.close();
                    return "";
                });
        int got = 0;
        while (got < FrameChannel.WINDOW) {
            got += next().payload().length;
        }
        assertEquals(FrameChannel.WINDOW, got);
        // A message overtakes what has no credit.
        connection.message("{}");
        assertEquals("{}", next().text());
        send(channel.number(), FrameConnection.CREDIT, new byte[] {0, 0, 0, 100});
        assertEquals(10, next().payload().length);
        assertEquals(FrameConnection.END, next().kind());
        written.get();
    }

    @Test
    void givesCreditForWhatWasRead() throws Exception {
        FrameChannel channel = connection.open();
        byte[] piece = new byte[FrameConnection.FRAME_MAX];
        var read = new CountDownLatch(1);
        var sent =
                begin(() -> {
                    for (int i = 0; i < 4; i++) {
                        send(channel.number(), FrameConnection.DATA, piece);
                    }
                    read.await();
                    return "";
                });
        InputStream in = channel.input();
        byte[] got = in.readNBytes(4 << 20);
        assertEquals(4 << 20, got.length);
        read.countDown();
        sent.get();
        Frame credit = next();
        assertEquals(FrameConnection.CREDIT, credit.kind());
        assertArrayEquals(new byte[] {0, 0x10, 0, 0}, credit.payload());
    }

    /// Frames and reads of every size, far more than a window.
    @Test
    void whatIsSentIsWhatIsRead() throws Exception {
        FrameChannel channel = connection.open();
        byte[] data = new byte[20 << 20];
        new Random(1).nextBytes(data);
        // A pipe is broken whose other end nobody holds any more.
        var read = new CountDownLatch(1);
        var sent =
                begin(() -> {
                    var sizes = new Random(2);
                    int window = FrameChannel.WINDOW;
                    for (int at = 0; at < data.length; ) {
                        int size = 1 + sizes.nextInt(1 << 1 + sizes.nextInt(19));
                        int count = Math.min(size, data.length - at);
                        while (window < count) {
                            window += ByteBuffer.wrap(next().payload()).getInt();
                        }
                        send(
                                channel.number(),
                                FrameConnection.DATA,
                                Arrays.copyOfRange(data, at, at + count));
                        window -= count;
                        at += count;
                    }
                    send(channel.number(), FrameConnection.END, new byte[0]);
                    read.await();
                    return "";
                });
        var sizes = new Random(3);
        InputStream in = channel.input();
        byte[] buffer = new byte[1 << 20];
        for (int at = 0; at < data.length; ) {
            int count = in.read(buffer, 0, 1 + sizes.nextInt(1 << 1 + sizes.nextInt(19)));
            assertEquals(-1, Arrays.mismatch(buffer, 0, count, data, at, at + count));
            at += count;
        }
        assertEquals(-1, in.read());
        read.countDown();
        sent.get();
    }

    @Test
    void clientThatSendsWithoutCreditIsLeft() throws Exception {
        FrameChannel channel = connection.open();
        byte[] piece = new byte[FrameConnection.FRAME_MAX];
        var sent =
                begin(() -> {
                    for (int i = 0; i < 5; i++) {
                        send(channel.number(), FrameConnection.DATA, piece);
                    }
                    return "";
                });
        gone.await();
        sent.handle((_, _) -> "").get();
        assertThrows(IOException.class, () -> connection.message("{}"));
    }

    @Test
    void endOfTheClientEndsAll() throws Exception {
        FrameChannel channel = connection.open();
        var read = begin(() -> channel.input().read());
        toDaemon.close();
        gone.await();
        var e = assertThrows(java.util.concurrent.ExecutionException.class, read::get);
        assertEquals(EOFException.class, e.getCause().getClass());
        assertThrows(EOFException.class, () -> channel.output().write(1));
    }

    @Test
    void frameThatIsTooLongIsRefused() throws Exception {
        toDaemon.writeInt(FrameConnection.FRAME_MAX + 1);
        toDaemon.write(new byte[5]);
        toDaemon.flush();
        gone.await();
    }

    @Test
    void lastWordArrives() throws Exception {
        byte[] text = new byte[300_000];
        Arrays.fill(text, (byte) 'x');
        var ended =
                begin(() -> {
                    connection.message(new String(text, StandardCharsets.UTF_8));
                    connection.finish();
                    return "";
                });
        assertArrayEquals(text, next().payload());
        assertEquals(-1, fromDaemon.read());
        toDaemon.close();
        ended.get();
        assertEquals(1, gone.getCount());
    }
}
