package dev.corten.engine.log;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
            for (int i = 0; i < files.files.size(); i++) {
                boolean last = i == files.files.size() - 1;
                long limit = last && until.isPresent() ? until.get().offset() : Long.MAX_VALUE;
                new Cursor(files.files.get(i), starts[i]).drain(limit, sink);
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
            int current = files.files.size() - 1;
            for (int i = 0; i < current; i++) {
                new Cursor(files.files.get(i), starts[i]).drain(Long.MAX_VALUE, sink);
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
                Optional<LogFile> next = cursor.successor(directory.resolve(name));
                if (next.isPresent()) {
                    // What was written between the last read and the rename.
                    cursor.drain(Long.MAX_VALUE, sink);
                    cursor.close();
                    cursor = new Cursor(next.get(), 0);
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

    /// One file of the log. Its inode tells whether a name still stands for it.
    private record LogFile(Fd fd, long inode) implements AutoCloseable {
        static Optional<LogFile> open(Path path) throws IOException {
            Optional<Fd> fd =
                    FileCalls.find(
                            Fd.CWD, path.toString(), FileCalls.O_RDONLY | FileCalls.O_CLOEXEC);
            if (fd.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new LogFile(fd.get(), FileCalls.stat(fd.get()).inode()));
        }

        int read(byte[] to, int offset, int length, long position) throws IOException {
            return FileData.pread(fd, to, offset, length, position);
        }

        @Override
        public void close() {
            fd.close();
        }
    }

    /// The files of the log, opened at once, oldest first.
    private static final class OpenFiles implements AutoCloseable {
        private final List<LogFile> files = new ArrayList<>();

        static OpenFiles open(Path directory, String name) throws IOException {
            var all = new OpenFiles();
            try {
                // Newest first: a rotation meanwhile shifts files up, so that one may be seen
                // twice but none is missed; the second sight of it is dropped.
                for (int i = 0; ; i++) {
                    Optional<LogFile> file =
                            LogFile.open(directory.resolve(i == 0 ? name : name + "." + i));
                    if (file.isEmpty()) {
                        return all;
                    }
                    long inode = file.get().inode();
                    if (all.files.stream().anyMatch(seen -> seen.inode() == inode)) {
                        file.get().close();
                    } else {
                        all.files.addFirst(file.get());
                    }
                }
            } catch (IOException e) {
                all.close();
                throw e;
            }
        }

        /// Where to begin in each file so that in all [tail] entries are read.
        long[] starts(OptionalInt tail) throws IOException {
            long[] starts = new long[files.size()];
            if (tail.isEmpty()) {
                return starts;
            }
            int wanted = tail.getAsInt();
            for (int i = files.size() - 1; i >= 0; i--) {
                var found = lastLines(files.get(i), wanted);
                starts[i] = found.start();
                wanted -= found.count();
            }
            return starts;
        }

        LogFile takeLast() {
            return files.removeLast();
        }

        @Override
        public void close() {
            files.forEach(LogFile::close);
        }
    }

    private record Lines(long start, int count) {}

    /// Where the last [wanted] complete lines of a file begin.
    private static Lines lastLines(LogFile file, int wanted) throws IOException {
        long position = FileCalls.stat(file.fd()).size();
        if (wanted <= 0) {
            return new Lines(position, 0);
        }
        byte[] chunk = new byte[64 * 1024];
        int newlines = 0;
        while (position > 0) {
            int length = (int) Math.min(chunk.length, position);
            position -= length;
            int filled = 0;
            while (filled < length) {
                int read = file.read(chunk, filled, length - filled, position + filled);
                if (read <= 0) {
                    break;
                }
                filled += read;
            }
            for (int i = filled - 1; i >= 0; i--) {
                if (chunk[i] == '\n') {
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

    /// A place in one open file.
    private static final class Cursor implements AutoCloseable {
        private final @Nullable LogFile file;
        private final EntryParser parser = new EntryParser();
        private byte[] buffer = new byte[CHUNK];
        private int filled;
        private long position;

        /// @param file null if there was no file yet
        Cursor(@Nullable LogFile file, long start) {
            this.file = file;
            this.position = start;
        }

        /// Gives the complete lines up to [limit]; true if there was one.
        boolean drain(long limit, LogSink sink) throws IOException {
            boolean some = false;
            if (file == null) {
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
                int room = (int) Math.min(buffer.length - filled, limit - position);
                int read = room <= 0 ? 0 : file.read(buffer, filled, room, position);
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

        /// The file that the name now stands for, if that is another one than this.
        Optional<LogFile> successor(Path path) throws IOException {
            Optional<LogFile> current = LogFile.open(path);
            if (current.isPresent() && file != null && current.get().inode() == file.inode()) {
                current.get().close();
                return Optional.empty();
            }
            return current; // absent between two renames of a rotation, or not made yet
        }

        @Override
        public void close() {
            if (file != null) {
                file.close();
            }
        }
    }
}
