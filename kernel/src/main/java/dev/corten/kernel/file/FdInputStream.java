package dev.corten.kernel.file;

import dev.corten.kernel.Fd;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/// Reads a descriptor and closes it at the end. Not buffered: each read is a system call.
final class FdInputStream extends InputStream {
    private final Fd fd;

    FdInputStream(Fd fd) {
        this.fd = fd;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return FileData.read(fd, one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, to.length);
        return FileData.read(fd, to, offset, length);
    }

    @Override
    public void close() {
        fd.close();
    }
}
