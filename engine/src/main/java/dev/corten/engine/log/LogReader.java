package dev.corten.engine.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// Reads a json-file log with its rotated files, oldest first.
///
/// The monitor goes on writing meanwhile: a file that is open here keeps its content whatever it
/// is renamed to, and a line counts once its newline is there.
public final class LogReader {
    private static final int CHUNK = 256 * 1024;

    /// Longer than the longest entry: 16 KiB of data, six bytes each when escaped, and the rest.
    private static final int MAX_LINE = 1024 * 1024;

    private final Path directory;
    private final String name;

    /// @param name of the current file; rotated ones are `name.1` (the latest), `name.2`…
    public LogReader(Path directory, String name) {
        this.directory = directory;
        this.name = name;
    }

    /// Gives what is in the log.
    ///
    /// @param tail only so many of the last entries
    /// @param until not beyond this place
    public void read(OptionalInt tail, Optional<LogPosition> until, LogSink sink)
            throws IOException {
        try (var files = OpenFiles.open(directory, name)) {
            long[] starts = files.starts(tail);
            for (int i = 0; i < files.channels.size(); i++) {
                boolean last = i == files.channels.size() - 1;
                long limit = last && until.isPresent() ? until.get().offset() : Long.MAX_VALUE;
                new Cursor(files.channels.get(i), starts[i]).drain(limit, sink);
            }
            sink.flush();
        }
    }

    /// Gives what is in the log, then what comes, until the watch says that it has ended.
    public void follow(OptionalInt tail, LogWatch watch, LogSink sink)
            throws IOException, InterruptedException {
        Cursor cursor;
        try (var files = OpenFiles.open(directory, name)) {
            long[] starts = files.starts(tail);
            int current = files.channels.size() - 1;
            for (int i = 0; i < current; i++) {
                new Cursor(files.channels.get(i), starts[i]).drain(Long.MAX_VALUE, sink);
            }
            cursor =
                    new Cursor(
                            current < 0 ? null : files.takeLast(),
                            current < 0 ? 0 : starts[current]);
        }
        try {
            while (true) {
                // Both are read before the file is, so that nothing that comes between is missed.
                long seen = watch.version();
                boolean ended = watch.ended();
                boolean some = cursor.drain(Long.MAX_VALUE, sink);
                if (some) {
                    continue;
                }
                if (cursor.rotated(directory, name)) {
                    cursor = cursor.next(directory, name, sink);
                    continue;
                }
                sink.flush();
                if (ended) {
                    return;
                }
                watch.await(seen);
            }
        } finally {
            cursor.close();
        }
    }

    /// The files of the log, opened at once, oldest first.
    private static final class OpenFiles implements AutoCloseable {
        private final List<FileChannel> channels = new ArrayList<>();

        static OpenFiles open(Path directory, String name) throws IOException {
            var files = new OpenFiles();
            try {
                // Newest first: a rotation meanwhile shifts files up, so that one may be seen
                // twice but none is missed; the second sight of it is dropped.
                List<Object> keys = new ArrayList<>();
                for (int i = 0; ; i++) {
                    Path path = directory.resolve(i == 0 ? name : name + "." + i);
                    Optional<Object> key = fileKey(path);
                    if (key.isEmpty()) {
                        break;
                    }
                    if (keys.contains(key.get())) {
                        continue;
                    }
                    FileChannel channel = openIfThere(path);
                    if (channel == null) {
                        break;
                    }
                    keys.add(key.get());
                    files.channels.addFirst(channel);
                }
                return files;
            } catch (IOException e) {
                files.close();
                throw e;
            }
        }

        /// Where to begin in each file so that in all [tail] entries are read.
        long[] starts(OptionalInt tail) throws IOException {
            long[] starts = new long[channels.size()];
            if (tail.isEmpty()) {
                return starts;
            }
            int wanted = tail.getAsInt();
            for (int i = channels.size() - 1; i >= 0; i--) {
                var found = lastLines(channels.get(i), wanted);
                starts[i] = found.start();
                wanted -= found.count();
            }
            return starts;
        }

        FileChannel takeLast() {
            return channels.removeLast();
        }

        @Override
        public void close() throws IOException {
            for (FileChannel channel : channels) {
                channel.close();
            }
        }
    }

    private record Lines(long start, int count) {}

    /// Where the last [wanted] complete lines of a file begin.
    private static Lines lastLines(FileChannel channel, int wanted) throws IOException {
        long size = channel.size();
        if (wanted <= 0) {
            return new Lines(size, 0);
        }
        var chunk = ByteBuffer.allocate(64 * 1024);
        int newlines = 0;
        long position = size;
        while (position > 0) {
            int length = (int) Math.min(chunk.capacity(), position);
            position -= length;
            chunk.clear().limit(length);
            while (chunk.hasRemaining() && channel.read(chunk, position + chunk.position()) > 0) {
                // until the chunk is full
            }
            for (int i = chunk.position() - 1; i >= 0; i--) {
                if (chunk.get(i) == '\n') {
                    // The newline before the first wanted line is one more than there are lines.
                    if (newlines == wanted) {
                        return new Lines(position + i + 1, newlines);
                    }
                    newlines++;
                }
            }
        }
        return new Lines(0, newlines);
    }

    private static @Nullable FileChannel openIfThere(Path path) throws IOException {
        try {
            return FileChannel.open(path, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static Optional<Object> fileKey(Path path) throws IOException {
        try {
            return Optional.of(Objects.requireNonNull(Files.getAttribute(path, "unix:ino")));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /// A place in one open file.
    private static final class Cursor implements AutoCloseable {
        private final @Nullable FileChannel channel;
        private final EntryParser parser = new EntryParser();
        private byte[] buffer = new byte[CHUNK];
        private int filled;
        private long position;

        /// @param channel null if there was no file yet
        Cursor(@Nullable FileChannel channel, long start) {
            this.channel = channel;
            this.position = start;
        }

        /// Gives the complete lines up to [limit]; true if there was one.
        boolean drain(long limit, LogSink sink) throws IOException {
            boolean some = false;
            if (channel == null) {
                return false;
            }
            while (true) {
                if (filled == buffer.length) {
                    if (buffer.length >= MAX_LINE) {
                        filled = 0; // no log entry is so long: not a log
                    } else {
                        buffer = Arrays.copyOf(buffer, buffer.length * 2);
                    }
                }
                long room = Math.min(buffer.length - filled, limit - position);
                int read =
                        room <= 0
                                ? -1
                                : channel.read(
                                        ByteBuffer.wrap(buffer, filled, (int) room), position);
                if (read <= 0) {
                    return some;
                }
                position += read;
                filled += read;
                some |= lines(sink);
            }
        }

        private boolean lines(LogSink sink) throws IOException {
            int from = 0;
            for (int i = 0; i < filled; i++) {
                if (buffer[i] == '\n') {
                    LogEntry entry = parser.parse(buffer, from, i);
                    if (entry != null) {
                        sink.accept(entry);
                    }
                    from = i + 1;
                }
            }
            System.arraycopy(buffer, from, buffer, 0, filled - from);
            filled -= from;
            return from > 0;
        }

        /// Whether the name now stands for another file than this one.
        boolean rotated(Path directory, String name) throws IOException {
            Optional<Object> current = fileKey(directory.resolve(name));
            if (current.isEmpty()) {
                return false; // between two renames of a rotation, or not made yet
            }
            return channel == null || !isSame(directory.resolve(name));
        }

        private boolean isSame(Path path) throws IOException {
            try (FileChannel other = openIfThere(path)) {
                // A channel does not tell its inode. The log only grows: the open file is the
                // named one if what was read of it is not more than what is there, and the first
                // bytes (they hold the time in nanoseconds) agree.
                if (other == null || channel == null) {
                    return other == null;
                }
                return other.size() >= channel.size() && head(other).equals(head(channel));
            }
        }

        private static ByteBuffer head(FileChannel file) throws IOException {
            var head = ByteBuffer.allocate(4096);
            file.read(head, 0);
            return head.flip();
        }

        /// The cursor at the beginning of the file that followed this one.
        Cursor next(Path directory, String name, LogSink sink) throws IOException {
            // What was written between the last read and the rename.
            drain(Long.MAX_VALUE, sink);
            close();
            return new Cursor(openIfThere(directory.resolve(name)), 0);
        }

        @Override
        public void close() throws IOException {
            if (channel != null) {
                channel.close();
            }
        }
    }
}
