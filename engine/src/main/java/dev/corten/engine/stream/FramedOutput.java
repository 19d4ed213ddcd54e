package dev.corten.engine.stream;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Poll;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// Writes a container's output to a client: in frames of the attach protocol (one byte stream
/// number, three zero, four length, big-endian), or raw.
public final class FramedOutput implements AutoCloseable {
    private final OutputStream output;
    private final boolean framed;

    /// @param socket non-blocking; stays open when this is closed
    public FramedOutput(Fd socket, boolean framed) {
        this.output = new BufferedOutputStream(new Socket(socket), 64 * 1024);
        this.framed = framed;
    }

    public void write(int stream, byte[] data) throws IOException {
        if (framed) {
            output.write(
                    new byte[] {
                        (byte) stream,
                        0,
                        0,
                        0,
                        (byte) (data.length >>> 24),
                        (byte) (data.length >>> 16),
                        (byte) (data.length >>> 8),
                        (byte) data.length
                    });
        }
        output.write(data);
    }

    public void flush() throws IOException {
        output.flush();
    }

    @Override
    public void close() throws IOException {
        output.flush();
    }

    /// A non-blocking socket that is waited for.
    private static final class Socket extends OutputStream {
        private final Fd socket;

        Socket(Fd socket) {
            this.socket = socket;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            int done = 0;
            while (done < length) {
                try {
                    done += FileData.write(socket, from, offset + done, length - done);
                } catch (Errno e) {
                    if (e.number() != Errno.EAGAIN) {
                        throw e;
                    }
                    Poll.await(socket, Poll.OUT, null);
                }
            }
        }
    }
}
