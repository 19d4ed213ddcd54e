package dev.corten.cli;

import dev.corten.client.Json;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A daemon that knows nothing but builds: it asks and says what the test has written down, and
/// keeps what it is given.
final class FakeBuilder implements AutoCloseable {
    /// What a build says and asks, in this order.
    interface Script {
        void run(FakeBuilder builder) throws IOException;
    }

    /// An entry of a list.
    record Entry(String path, int mode, long size, String link) {}

    final Path socket;
    final Map<Integer, String> failures = new HashMap<>();
    private final ServerSocketChannel server;
    private final Script script;
    private final Thread acceptor;
    private volatile Json request = Json.ABSENT;
    private DataInputStream in = new DataInputStream(DataInputStream.nullInputStream());
    private OutputStream out = OutputStream.nullOutputStream();
    private final Map<Integer, ByteArrayOutputStream> received = new HashMap<>();
    private final List<Integer> ended = new ArrayList<>();

    FakeBuilder(Path folder, Script script) throws IOException {
        this.script = script;
        socket = folder.resolve("b.sock");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        acceptor = Thread.ofPlatform().start(this::accept);
    }

    private void accept() {
        try (SocketChannel connection = server.accept()) {
            in = new DataInputStream(Channels.newInputStream(connection));
            out = Channels.newOutputStream(connection);
            request = readRequest();
            out.write(
                    ("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                                    + "Upgrade: corten-build/1\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            script.run(this);
        } catch (ClosedChannelException | EOFException e) {
            return; // the command has ended
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Json readRequest() throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        if (!head.toString().startsWith("POST /corten/v1/build HTTP/1.1\r\n")
                || head.indexOf("Upgrade: corten-build/1\r\n") < 0) {
            throw new IOException("not a build: " + head);
        }
        int at = head.indexOf("Content-Length: ") + "Content-Length: ".length();
        int length = Integer.parseInt(head.substring(at, head.indexOf("\r\n", at)));
        return Json.parse(in.readNBytes(length));
    }

    /// What the command asked for.
    Json request() {
        return request;
    }

    void say(String message) throws IOException {
        send(0, 4, message.getBytes(StandardCharsets.UTF_8));
    }

    void send(int channel, int kind, byte[] payload) throws IOException {
        var frame = new ByteArrayOutputStream();
        for (int number : new int[] {payload.length, channel}) {
            for (int shift = 24; shift >= 0; shift -= 8) {
                frame.write(number >> shift);
            }
        }
        frame.write(kind);
        frame.writeBytes(payload);
        out.write(frame.toByteArray());
    }

    /// Sends data and the end.
    void give(int channel, byte[] data) throws IOException {
        for (int at = 0; at < data.length; at += 65536) {
            send(
                    channel,
                    1,
                    java.util.Arrays.copyOfRange(data, at, Math.min(data.length, at + 65536)));
        }
        send(channel, 2, new byte[0]);
    }

    /// Reads until the command has ended its side of a channel, granting credit.
    ///
    /// @return what it sent
    byte[] take(int channel) throws IOException {
        while (!ended.contains(channel)) {
            int length = in.readInt();
            int number = in.readInt();
            int kind = in.readUnsignedByte();
            byte[] payload = in.readNBytes(length);
            switch (kind) {
                case 1 -> {
                    received.computeIfAbsent(number, n -> new ByteArrayOutputStream())
                            .writeBytes(payload);
                    send(
                            number,
                            5,
                            new byte[] {
                                (byte) (length >> 24),
                                (byte) (length >> 16),
                                (byte) (length >> 8),
                                (byte) length
                            });
                }
                case 2 -> ended.add(number);
                case 3 -> {
                    ended.add(number);
                    failures.put(number, new String(payload, StandardCharsets.UTF_8));
                }
                default -> {} // credit for us
            }
        }
        ByteArrayOutputStream all = received.get(channel);
        return all == null ? new byte[0] : all.toByteArray();
    }

    /// Asks for the files of a context.
    List<Entry> list(int channel, String context, String paths) throws IOException {
        say(
                "{\"ask\":\"list\",\"channel\":"
                        + channel
                        + ",\"context\":\""
                        + context
                        + "\",\"paths\":"
                        + paths
                        + "}");
        byte[] bytes = take(channel);
        var entries = new ArrayList<Entry>();
        var list = new DataInputStream(new java.io.ByteArrayInputStream(bytes));
        while (list.available() > 0) {
            String path = text(list);
            int mode = list.readInt();
            list.skipNBytes(8);
            long size = list.readLong();
            list.skipNBytes(12 + 12 + 8);
            String link = text(list);
            int attributes = list.readUnsignedShort();
            for (int i = 0; i < attributes; i++) {
                text(list);
                list.skipNBytes(list.readInt());
            }
            entries.add(new Entry(path, mode, size, link));
        }
        return entries;
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readUnsignedShort()), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        server.close();
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
