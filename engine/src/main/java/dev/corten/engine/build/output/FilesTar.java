package dev.corten.engine.build.output;

import dev.corten.archive.PiecedInput;
import dev.corten.archive.TarEntry;
import dev.corten.archive.TarEntry.Kind;
import dev.corten.archive.TarReader;
import dev.corten.archive.TarWriter;
import dev.corten.build.work.Tree;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.PathBytes;
import dev.corten.store.snapshot.LayerTar;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The files of a result as a tar, those of several platforms in a directory each. The same files
/// give the same bytes.
final class FilesTar extends PiecedInput {
    /// What is in a directory of the tar.
    ///
    /// @param prefix `linux_amd64/`, or nothing
    /// @param more files beside those of the tree
    record Part(String prefix, Optional<Tree> tree, List<ArchiveTar.Member> more) {}

    private final Deque<Part> parts;
    private final Optional<Instant> time;
    private final ByteArrayOutputStream headers = new ByteArrayOutputStream();
    private final TarWriter tar = new TarWriter(headers);
    private final Deque<InputStream> following = new ArrayDeque<>();

    /// Of the part at hand.
    private @Nullable Fd root;

    private @Nullable InputStream files;

    private @Nullable TarReader reader;
    private boolean ended;

    /// @param time that all files get
    FilesTar(List<Part> parts, Optional<Instant> time) {
        this.parts = new ArrayDeque<>(parts);
        this.time = time;
    }

    @Override
    protected @Nullable InputStream next() throws IOException {
        if (!following.isEmpty()) {
            return following.removeFirst();
        }
        if (ended) {
            return null;
        }
        headers.reset();
        if (reader != null) {
            Optional<TarEntry> entry = reader.next();
            if (entry.isPresent()) {
                add(entry.get(), reader.data());
            } else {
                endPart();
            }
        } else if (parts.isEmpty()) {
            ended = true;
            tar.finish();
        } else {
            beginPart();
        }
        return new ByteArrayInputStream(headers.toByteArray());
    }

    private void beginPart() throws IOException {
        Part part = parts.getFirst();
        if (!part.prefix().isEmpty()) {
            tar.begin(
                    TarEntry.directory(part.prefix(), 0755).withMtime(time.orElse(Instant.EPOCH)));
        }
        if (part.tree().isPresent()) {
            root = part.tree().get().open();
            // It may be a mount, which cannot be read from by itself, and ends with its descriptor.
            files = LayerTar.whole(FileCalls.openDirectory(root, "."), List.of());
        } else {
            files = InputStream.nullInputStream();
        }
        reader = new TarReader(files, TarReader.End.ANYWHERE);
    }

    private void endPart() throws IOException {
        closeFiles();
        for (ArchiveTar.Member member : parts.removeFirst().more()) {
            var header = new ByteArrayOutputStream();
            new TarWriter(header)
                    .begin(member.entry().withMtime(time.orElse(member.entry().mtime())));
            following.add(new ByteArrayInputStream(header.toByteArray()));
            following.add(member.source().open());
            following.add(ArchiveTar.padding(member.entry().size()));
        }
    }

    private void add(TarEntry entry, InputStream data) throws IOException {
        String prefix = parts.getFirst().prefix();
        TarEntry named = prefix.isEmpty() ? entry : below(PathBytes.of(prefix), entry);
        tar.begin(named.withMtime(time.orElse(named.mtime())));
        if (entry.kind() == Kind.FILE && entry.size() > 0) {
            following.add(new Unclosed(data));
            following.add(ArchiveTar.padding(entry.size()));
        }
    }

    private static TarEntry below(PathBytes directory, TarEntry entry) {
        return new TarEntry(
                joined(directory, entry.name()),
                entry.kind(),
                entry.mode(),
                entry.uid(),
                entry.gid(),
                entry.mtime(),
                entry.size(),
                entry.kind() == Kind.HARD_LINK
                        ? joined(directory, entry.linkTarget())
                        : entry.linkTarget(),
                entry.deviceMajor(),
                entry.deviceMinor(),
                entry.xattrs(),
                entry.extents());
    }

    /// With the slash at its end that the name of a directory has.
    private static PathBytes joined(PathBytes directory, PathBytes name) {
        byte[] before = directory.bytes();
        byte[] after = name.bytes();
        byte[] all = new byte[before.length + after.length];
        System.arraycopy(before, 0, all, 0, before.length);
        System.arraycopy(after, 0, all, before.length, after.length);
        return PathBytes.of(all);
    }

    /// The data of an entry, which belongs to the reader.
    private static final class Unclosed extends FilterInputStream {
        Unclosed(InputStream in) {
            super(in);
        }

        @Override
        public void close() {}
    }

    private void closeFiles() throws IOException {
        InputStream stream = files;
        Fd directory = root;
        files = null;
        root = null;
        reader = null;
        if (stream != null) {
            stream.close();
        }
        if (directory != null) {
            directory.close();
        }
    }

    @Override
    public void close() throws IOException {
        super.close();
        for (InputStream stream : following) {
            stream.close();
        }
        closeFiles();
    }
}
