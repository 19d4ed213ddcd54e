package dev.corten.kernel.file;

import dev.corten.kernel.Fd;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/// Writes to a descriptor and closes it at the end. Not buffered: each write is a system call.
final class FdOutputStream extends OutputStream {
    private final Fd fd;

    FdOutputStream(Fd fd) {
        this.fd = fd;
    }

    @Override
    public void write(int b) throws IOException {
        FileData.writeFully(fd, new byte[] {(byte) b});
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, from.length);
        FileData.writeFully(fd, from, offset, length);
    }

    @Override
    public void close() {
        fd.close();
    }
}
