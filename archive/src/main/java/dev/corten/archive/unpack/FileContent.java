package dev.corten.archive.unpack;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarFormatException;
import dev.corten.archive.TarReader;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Carries the data of entries into files, through one buffer. For one thread.
final class FileContent implements AutoCloseable {
    private static final int BUFFER = 128 << 10;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(BUFFER);
    private final byte[] heapBuffer = new byte[BUFFER];

    /// @param fd of a new file; the holes of a sparse one stay holes
    void write(TarReader tar, TarEntry entry, Fd fd) throws IOException {
        if (entry.extents().isEmpty()) {
            copy(tar, fd, entry.size());
        } else {
            FileData.truncate(fd, entry.size());
            for (var extent : entry.extents()) {
                FileData.seek(fd, extent.offset(), FileData.SEEK_SET);
                copy(tar, fd, extent.length());
            }
        }
    }

    private void copy(TarReader tar, Fd fd, long length) throws IOException {
        long left = length;
        while (left > 0) {
            int filled = 0;
            while (filled < BUFFER && filled < left) {
                int wanted = (int) Math.min(BUFFER - filled, left - filled);
                int got = tar.read(heapBuffer, filled, wanted);
                if (got < 0) {
                    throw new TarFormatException("file is shorter than its header says");
                }
                filled += got;
            }
            MemorySegment.copy(heapBuffer, 0, buffer, ValueLayout.JAVA_BYTE, 0, filled);
            FileData.writeFully(fd, buffer.asSlice(0, filled));
            left -= filled;
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
