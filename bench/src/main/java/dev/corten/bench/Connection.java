package dev.corten.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// One kept HTTP/1.1 connection to an engine's unix socket: the least that a client can cost.
final class Connection implements AutoCloseable {
    record Answer(int status, String body) {}

    private final SocketChannel channel;
    private final InputStream in;

    Connection(Path socket) throws IOException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
    }

    Answer call(String method, String path, String json) throws IOException {
        byte[] body = json.getBytes(UTF_8);
        var head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: engine\r\n");
        if (body.length > 0) {
            head.append("Content-Type: application/json\r\n");
        }
        head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
        var message = new ByteArrayOutputStream();
        message.writeBytes(head.toString().getBytes(ISO_8859_1));
        message.writeBytes(body);
        var buffer = ByteBuffer.wrap(message.toByteArray());
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        return answer();
    }

    private Answer answer() throws IOException {
        int status = Integer.parseInt(line().split(" ", 3)[1]);
        Map<String, String> headers = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        var body = new ByteArrayOutputStream();
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            while (true) {
                int size = Integer.parseInt(line().split(";", 2)[0].strip(), 16);
                body.writeBytes(bytes(size));
                line();
                if (size == 0) {
                    break;
                }
            }
        } else if (status != 204 && status != 304) {
            body.writeBytes(bytes(Integer.parseInt(headers.getOrDefault("content-length", "0"))));
        }
        return new Answer(status, body.toString(UTF_8));
    }

    private byte[] bytes(int size) throws IOException {
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException("the engine closed the connection inside an answer");
        }
        return bytes;
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        while (true) {
            int c = in.read();
            if (c < 0) {
                throw new EOFException("the engine closed the connection");
            }
            if (c == '\n') {
                return line.toString();
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
