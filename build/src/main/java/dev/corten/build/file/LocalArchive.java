package dev.corten.build.file;

import dev.corten.archive.BoundedInput;
import dev.corten.archive.Compression;
import dev.corten.archive.TarFormatException;
import dev.corten.archive.TarReader;
import dev.corten.archive.unpack.LayerUnpack;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/// An archive that `ADD` unpacks: a tar, as it is or compressed by gzip, bzip2, xz or zstd. Its bytes
/// tell, not its name.
final class LocalArchive {
    private LocalArchive() {}

    /// Whether a file begins with a member of an archive. Leaves it at its start.
    static boolean is(Fd file) throws IOException {
        FileData.seek(file, 0, FileData.SEEK_SET);
        try (InputStream in = stream(file)) {
            return new TarReader(in, TarReader.End.ANYWHERE).next().isPresent();
        } catch (IOException notAnArchive) {
            return false;
        } finally {
            FileData.seek(file, 0, FileData.SEEK_SET);
        }
    }

    /// Unpacks into a directory, over what is there. No more is unpacked than there is room for
    /// when it begins: a few bytes may stand for very many.
    ///
    /// @param owner of all that the archive lists; empty for its own
    static void unpack(Fd file, Fd directory, Optional<Owner> owner) throws IOException {
        long room = FileData.statfs(directory).availableBytes();
        try (InputStream in = new BoundedInput(stream(file), room, "archive is larger than")) {
            var tar = new TarReader(in, TarReader.End.ANYWHERE);
            var unpacked =
                    LayerUnpack.unpack(
                            tar,
                            directory,
                            LayerUnpack.Marks.NONE,
                            entry ->
                                    owner.map(o -> entry.withOwner(o.uid(), o.gid()))
                                            .orElse(entry));
            if (!unpacked.pendingLinks().isEmpty()) {
                var link = unpacked.pendingLinks().getFirst();
                throw new TarFormatException(
                        "hard link " + link.name() + " to what is not there: " + link.target());
            }
        }
    }

    private static InputStream stream(Fd file) throws IOException {
        Fd own = file.duplicate();
        try {
            return Compression.open(
                    new BufferedInputStream(FileData.inputStream(own.transfer()), 64 << 10));
        } finally {
            own.close();
        }
    }
}
