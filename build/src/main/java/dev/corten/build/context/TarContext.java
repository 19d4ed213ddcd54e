package dev.corten.build.context;

import dev.corten.build.solve.StepOutput;
import dev.corten.build.work.Tree;
import dev.corten.build.work.TreeSource;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;

/// A context that somebody sends as an archive, once it is asked for.
public final class TarContext implements TreeSource {
    private static final String TRANSFERRING = "transferring context";
    private static final long TOLD_EACH = 1 << 20;

    private final Folders folders;
    private final Archive archive;

    /// Opens the archive; called once.
    @FunctionalInterface
    public interface Archive {
        InputStream open() throws IOException, InterruptedException;
    }

    public TarContext(Folders folders, Archive archive) {
        this.folders = folders;
        this.archive = archive;
    }

    @Override
    public Tree open(Collection<String> wanted, StepOutput output)
            throws IOException, InterruptedException {
        try (InputStream in = archive.open()) {
            var counted = new Counted(in, output);
            Folder folder = folders.unpack(counted);
            output.progress(TRANSFERRING, counted.count, 0, true);
            return folder;
        }
    }

    private static final class Counted extends FilterInputStream {
        private final StepOutput output;
        private long count;
        private long told;

        private Counted(InputStream in, StepOutput output) {
            super(in);
            this.output = output;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            int got = in.read(to, offset, length);
            count += Math.max(0, got);
            if (count - told >= TOLD_EACH) {
                told = count;
                output.progress(TRANSFERRING, count, 0, false);
            }
            return got;
        }
    }
}
