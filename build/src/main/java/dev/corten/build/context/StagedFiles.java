package dev.corten.build.context;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.Digest;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.function.LongConsumer;

/// Files on their way from the client: each gets all that it will have but its name.
final class StagedFiles {
    private static final int BUFFER = 128 << 10;
    private static final long TOLD_EACH = 1 << 20;
    private static final int ASKED_AT_ONCE = 4096;
    private static final int NEW =
            FileCalls.O_WRONLY | FileCalls.O_CREAT | FileCalls.O_EXCL | FileCalls.O_NOFOLLOW;

    private final Path directory;
    private final ContextIndex.Writer index;
    private final Path list;

    /// A file is not any more what the list says.
    static final class Changed extends IOException {
        private static final long serialVersionUID = 1L;

        Changed(String path) {
            super(path);
        }
    }

    /// @param list the file that [#index] is written to
    StagedFiles(Path directory, ContextIndex.Writer index, Path list) {
        this.directory = directory;
        this.index = index;
        this.list = list;
    }

    /// @param wanted positions in the list
    /// @param progress hears how many bytes have come
    /// @return how many bytes came
    long fetch(ClientDirectory client, int[] wanted, LongConsumer progress)
            throws IOException, InterruptedException {
        if (wanted.length == 0) {
            return 0;
        }
        long bytes = 0;
        long told = 0;
        byte[] buffer = new byte[BUFFER];
        try (ClientDirectory.Files files = client.files();
                FileChannel entries = FileChannel.open(list);
                Fd to = FileCalls.openDirectory(directory.toString())) {
            Thread asking = Thread.ofVirtual().start(() -> ask(files, wanted));
            try {
                var in = new DataInputStream(new BufferedInputStream(files.answers(), BUFFER));
                MessageDigest hash = Digest.newHash();
                for (int i : wanted) {
                    ListEntry entry = index.entry(entries, i);
                    long length = in.readLong();
                    if (length != entry.size()) {
                        throw new Changed(entry.path().toString());
                    }
                    try (Fd fd = FileCalls.open(to, Integer.toString(i), NEW, 0600)) {
                        long left = length;
                        while (left > 0) {
                            int got = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                            if (got < 0) {
                                throw new EOFException("file is cut short: " + entry.path());
                            }
                            hash.update(buffer, 0, got);
                            FileData.writeFully(fd, buffer, 0, got);
                            left -= got;
                            bytes += got;
                            if (bytes - told >= TOLD_EACH) {
                                told = bytes;
                                progress.accept(bytes);
                            }
                        }
                        FileMetadata.set(fd, entry);
                    }
                    index.hash(i, hash.digest());
                }
            } finally {
                asking.interrupt();
                asking.join();
            }
        }
        return bytes;
    }

    private static void ask(ClientDirectory.Files files, int[] wanted) {
        try (OutputStream asks = files.asks()) {
            for (int from = 0; from < wanted.length; from += ASKED_AT_ONCE) {
                int count = Math.min(ASKED_AT_ONCE, wanted.length - from);
                var bytes = ByteBuffer.allocate(count * Integer.BYTES);
                for (int i = 0; i < count; i++) {
                    bytes.putInt(wanted[from + i]);
                }
                asks.write(bytes.array());
            }
        } catch (IOException clientLeft) {
            // who reads the answers hears of it
        }
    }
}
