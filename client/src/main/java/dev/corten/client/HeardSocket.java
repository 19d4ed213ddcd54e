package dev.corten.client;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/// A socket whose other side is heard out: that it takes no more bytes is no failure at once.
///
/// With TLS 1.3 a client is done before its certificate has been looked at. A daemon that refuses it
/// says so and closes, so that the client's first write may find a closed connection; TLS would then
/// drop what the daemon has said.
final class HeardSocket extends Socket {
    private volatile @Nullable IOException broken;

    /// Why bytes were lost, if any were.
    @Nullable IOException broken() {
        return broken;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return new FilterOutputStream(super.getOutputStream()) {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                if (broken != null) {
                    return;
                }
                try {
                    out.write(bytes, offset, length);
                } catch (IOException e) {
                    broken = e;
                }
            }
        };
    }
}
