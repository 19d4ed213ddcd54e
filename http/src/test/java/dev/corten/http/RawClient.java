package dev.corten.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// A client that sends and receives exact bytes.
final class RawClient implements AutoCloseable {
    final SocketChannel channel;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();

    RawClient(Path socket) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    RawClient(SocketChannel channel) {
        this.channel = channel;
    }

    RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    RawClient send(byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        return this;
    }

    /// Everything up to and with this text.
    String readTo(String end) throws IOException {
        while (true) {
            String have = pending.toString(StandardCharsets.ISO_8859_1);
            int at = have.indexOf(end);
            if (at >= 0) {
                int length = at + end.length();
                pending.reset();
                pending.writeBytes(have.substring(length).getBytes(StandardCharsets.ISO_8859_1));
                return have.substring(0, length);
            }
            if (!more()) {
                throw new IOException("ended after: " + have);
            }
        }
    }

    /// A response with `Content-Length`.
    String response() throws IOException {
        String head = readTo("\r\n\r\n");
        var matcher =
                java.util.regex.Pattern.compile("\r\nContent-Length: (\\d+)\r\n").matcher(head);
        return matcher.find() ? head + read(Integer.parseInt(matcher.group(1))) : head;
    }

    String read(int length) throws IOException {
        while (pending.size() < length) {
            if (!more()) {
                throw new IOException("ended early");
            }
        }
        String have = pending.toString(StandardCharsets.ISO_8859_1);
        pending.reset();
        pending.writeBytes(have.substring(length).getBytes(StandardCharsets.ISO_8859_1));
        return have.substring(0, length);
    }

    String readAll() throws IOException {
        while (more()) {
            // until the end
        }
        String all = pending.toString(StandardCharsets.ISO_8859_1);
        pending.reset();
        return all;
    }

    private boolean more() throws IOException {
        var buffer = ByteBuffer.allocate(65536);
        if (channel.read(buffer) < 0) {
            return false;
        }
        pending.write(buffer.array(), 0, buffer.position());
        return true;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
