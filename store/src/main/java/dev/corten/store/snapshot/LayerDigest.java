package dev.corten.store.snapshot;

import dev.corten.archive.TarEntry;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.model.Digest;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// A digest of what a layer does, but for times, and the bytes of its files: found out while its tar is
/// made. Two runs of a command that made the same files at different times have the same one.
final class LayerDigest implements LayerTar.Watch {
    private final Function<PathBytes, Optional<Digest>> known;
    private final MessageDigest all = Digest.newHash();
    private final MessageDigest file = Digest.newHash();

    /// Whether a file's bytes have been read that are not part of it yet.
    private boolean open;

    private long size;

    /// @param known digests of files' bytes that somebody has found out already, by relative paths
    LayerDigest(Function<PathBytes, Optional<Digest>> known) {
        this.known = known;
        all.update("corten layer content 1\n".getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void entry(TarEntry entry) {
        end();
        if (entry.kind() == TarEntry.Kind.FILE) {
            size += entry.size();
        } else if (entry.kind() == TarEntry.Kind.SYMLINK) {
            size += entry.linkTarget().length();
        }
        bytes(entry.kind().name().getBytes(StandardCharsets.US_ASCII));
        numbers(
                entry.mode(),
                entry.uid(),
                entry.gid(),
                entry.size(),
                entry.deviceMajor(),
                entry.deviceMinor(),
                entry.xattrs().size());
        bytes(entry.name().bytes());
        bytes(entry.linkTarget().bytes());
        for (Map.Entry<PathBytes, byte[]> xattr : entry.xattrs().entrySet()) {
            bytes(xattr.getKey().bytes());
            bytes(xattr.getValue());
        }
    }

    @Override
    public InputStream content(PathBytes path, InputStream content) {
        Optional<Digest> before = known.apply(path);
        if (before.isPresent()) {
            bytes(before.get().hex().getBytes(StandardCharsets.US_ASCII));
            return content;
        }
        open = true;
        return new DigestInputStream(content, file);
    }

    /// It is not part of the layer, here as elsewhere.
    @Override
    public void socket(Fd directory, PathBytes name) throws IOException {
        Stat before = FileCalls.stat(directory);
        FileCalls.unlink(directory, name);
        FileCalls.times(
                directory,
                before.modifySeconds(),
                before.modifyNanos(),
                before.modifySeconds(),
                before.modifyNanos());
    }

    private void end() {
        if (open) {
            open = false;
            bytes(Digest.finish(file).hex().getBytes(StandardCharsets.US_ASCII));
        }
    }

    private void numbers(long... numbers) {
        ByteBuffer buffer = ByteBuffer.allocate(numbers.length * Long.BYTES);
        for (long number : numbers) {
            buffer.putLong(number);
        }
        all.update(buffer.flip());
    }

    private void bytes(byte[] bytes) {
        numbers(bytes.length);
        all.update(bytes);
    }

    /// After the end of the tar.
    Digest digest() {
        end();
        return Digest.finish(all);
    }

    /// Bytes of regular files and of links, as an import of the layer counts them.
    long size() {
        return size;
    }
}
