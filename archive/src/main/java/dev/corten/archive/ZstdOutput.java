package dev.corten.archive;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// Writes zstd (RFC 8878), one frame with a checksum: the same input gives the same bytes. Closing
/// ends the frame and leaves the sink open.
public final class ZstdOutput extends OutputStream {
    private final ZstdOutputStreamNoFinalizer out;

    public ZstdOutput(OutputStream sink, int level) throws IOException {
        ZstdLibrary.find();
        var unclosed =
                new FilterOutputStream(sink) {
                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        out.write(bytes, offset, length);
                    }

                    @Override
                    public void close() throws IOException {
                        flush();
                    }
                };
        this.out = new ZstdOutputStreamNoFinalizer(unclosed, level);
        this.out.setChecksum(true);
    }

    @Override
    public void write(int b) throws IOException {
        out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
