package dev.corten.build.file;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileCopies;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Stat;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Carries the bytes of files: of small ones through a buffer, which takes the fewest calls, of
/// large ones inside the kernel, and without their holes. For one thread.
final class FileBytes implements AutoCloseable {
    /// What was a file a moment ago may be a pipe now: opening it shall not wait.
    static final int READ =
            FileCalls.O_RDONLY | FileCalls.O_NONBLOCK | FileCalls.O_NOCTTY | FileCalls.O_NOFOLLOW;

    private static final int SMALL = 128 << 10;
    private static final long SECTOR = 512;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(SMALL);

    /// @param to empty
    void copy(Fd from, Stat stat, Fd to) throws IOException {
        if (stat.size() == 0) {
            return;
        }
        if (stat.size() < SMALL) {
            long left = stat.size();
            while (left > 0) {
                long got = FileData.read(from, buffer);
                if (got < 0) {
                    return;
                }
                FileData.writeFully(to, buffer.asSlice(0, got));
                left -= got;
            }
        } else if (stat.blocks() * SECTOR < stat.size()) {
            sparse(from, stat.size(), to);
        } else {
            FileCopies.all(from, to);
        }
    }

    private static void sparse(Fd from, long size, Fd to) throws IOException {
        FileData.truncate(to, size);
        long at = FileData.seek(from, 0, FileData.SEEK_DATA);
        while (at >= 0 && at < size) {
            long end = FileData.seek(from, at, FileData.SEEK_HOLE);
            FileData.seek(from, at, FileData.SEEK_SET);
            FileData.seek(to, at, FileData.SEEK_SET);
            FileCopies.some(from, to, end - at);
            at = FileData.seek(from, end, FileData.SEEK_DATA);
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
