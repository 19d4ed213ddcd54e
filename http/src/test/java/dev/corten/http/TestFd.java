package dev.corten.http;

import dev.corten.kernel.Fd;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Reads and writes a taken socket with bare system calls, as another process would.
final class TestFd {
    private TestFd() {}

    static int number(Fd fd) {
        return fd.number();
    }

    static void write(Fd fd, byte[] bytes) throws IOException {
        var buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        while (buffer.hasRemaining()) {
            int n =
                    new FileDescriptor(fd.number())
                            .write(buffer, buffer.position(), buffer.limit());
            buffer.position(buffer.position() + n);
        }
    }

    static InputStream input(Fd fd) {
        return new InputStream() {
            final ByteBuffer buffer = ByteBuffer.allocateDirect(65536);

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] target, int from, int length) throws IOException {
                while (length > 0) {
                    int n =
                            new FileDescriptor(fd.number())
                                    .read(buffer, 0, Math.min(length, buffer.capacity()));
                    if (n > 0) {
                        buffer.get(0, target, from, n);
                        return n;
                    }
                    if (n < 0) {
                        return -1;
                    }
                    // Non-blocking and empty: the sender is another thread of this test.
                    Thread.yield();
                }
                return 0;
            }
        };
    }
}
