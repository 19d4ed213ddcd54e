package dev.corten.cli.build.context;

import dev.corten.cli.build.session.Channel;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Stat;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Sends the bytes of listed files, many small ones in one frame.
final class FileSender implements AutoCloseable {
    private static final int BUFFER = 256 << 10;
    private static final int GONE = -1;

    private final Fd root;
    private final PackedEntries entries;
    private final Channel channel;
    private final byte[] buffer = new byte[BUFFER];
    private int filled;

    /// The directory of the last file: the next one is likely to be in it too.
    private @Nullable Fd directory;

    private PathBytes directoryPath = PathBytes.of("");

    FileSender(Fd root, PackedEntries entries, Channel channel) {
        this.root = root;
        this.entries = entries;
        this.channel = channel;
    }

    /// Until the daemon asks for nothing more.
    void serve() throws IOException {
        InputStream wanted = channel.input();
        var index = new byte[4];
        while (true) {
            // Before waiting for the daemon, which may wait for this.
            if (wanted.available() < index.length) {
                flush();
            }
            int count = wanted.readNBytes(index, 0, index.length);
            if (count == 0) {
                flush();
                return;
            }
            int number = (int) PackedEntries.number(index, 0, 4);
            if (count < index.length || number < 0 || number >= entries.count()) {
                throw new IOException("no such file in the list: " + number);
            }
            send(number);
        }
    }

    private void send(int index) throws IOException {
        PathBytes path = entries.path(index);
        try (Fd file = open(path)) {
            Stat stat = FileCalls.stat(file);
            if (!stat.isRegular() || !entries.isStill(index, stat)) {
                length(GONE);
                return;
            }
            if (stat.size() <= BUFFER - 8) {
                small(file, (int) stat.size());
            } else {
                large(file, stat.size(), path);
            }
        } catch (Errno e) {
            if (!e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                throw new IOException(
                        "error from sender: open " + path + ": " + Errno.describe(e.number()), e);
            }
            length(GONE);
        }
    }

    private Fd open(PathBytes path) throws Errno {
        List<PathBytes> names = path.components();
        PathBytes parent = PathBytes.join(names.subList(0, names.size() - 1));
        Fd at = root;
        if (names.size() > 1) {
            Fd known = directory;
            if (known == null || !parent.equals(directoryPath)) {
                close();
                known =
                        FileCalls.open2(
                                root,
                                parent,
                                FileCalls.O_RDONLY | FileCalls.O_DIRECTORY,
                                0,
                                FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS);
                directory = known;
                directoryPath = parent;
            }
            at = known;
        }
        // A pipe in the place of the file would keep us waiting.
        int flags = FileCalls.O_RDONLY | FileCalls.O_NOFOLLOW | FileCalls.O_NONBLOCK;
        return FileCalls.open(at, names.getLast(), flags);
    }

    private void small(Fd file, int size) throws IOException {
        if (filled + 8 + size > BUFFER) {
            flush();
        }
        int start = filled;
        filled += 8;
        int got = read(file, filled, size);
        filled = start;
        if (got < size) {
            length(GONE);
            return;
        }
        length(size);
        filled += size;
    }

    private int read(Fd file, int at, int size) throws Errno {
        int got = 0;
        while (got < size) {
            int count = FileData.read(file, buffer, at + got, size - got);
            if (count <= 0) {
                return got;
            }
            got += count;
        }
        return got;
    }

    private void large(Fd file, long size, PathBytes path) throws IOException {
        length(size);
        long left = size;
        while (left > 0) {
            if (filled == BUFFER) {
                flush();
            }
            int wanted = (int) Math.min(left, BUFFER - filled);
            int got = read(file, filled, wanted);
            if (got < wanted) {
                throw new IOException("file changed while it was read: " + path);
            }
            filled += got;
            left -= got;
        }
    }

    private void length(long length) throws IOException {
        if (filled + 8 > BUFFER) {
            flush();
        }
        for (int i = 7; i >= 0; i--) {
            buffer[filled++] = (byte) (length >> i * 8);
        }
    }

    private void flush() throws IOException {
        if (filled > 0) {
            channel.write(buffer, 0, filled);
            filled = 0;
        }
    }

    @Override
    public void close() {
        if (directory != null) {
            directory.close();
            directory = null;
        }
    }
}
