package dev.corten.build.context;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarTap;
import dev.corten.model.Digest;
import dev.corten.model.PathBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is in an archive that is being unpacked: a digest of all of it but its times, and those of
/// its files.
final class ListedTar implements TarTap {
    private final MessageDigest list = Digest.newHash();
    private final MessageDigest file = Digest.newHash();
    private final DigestTable digests = new DigestTable();
    private @Nullable TarEntry current;

    @Override
    public void entry(TarEntry entry) {
        endFile();
        current = entry;
        text(entry.kind().name());
        bytes(entry.name().bytes());
        bytes(entry.linkTarget().bytes());
        list.update(
                ByteBuffer.allocate(3 * Integer.BYTES)
                        .putInt(entry.mode())
                        .putInt(entry.deviceMajor())
                        .putInt(entry.deviceMinor())
                        .flip());
        for (Map.Entry<PathBytes, byte[]> xattr : entry.xattrs().entrySet()) {
            bytes(xattr.getKey().bytes());
            bytes(xattr.getValue());
        }
        for (TarEntry.Extent extent : entry.extents()) {
            list.update(
                    ByteBuffer.allocate(2 * Long.BYTES)
                            .putLong(extent.offset())
                            .putLong(extent.length())
                            .flip());
        }
    }

    @Override
    public void data(byte[] bytes, int offset, int length) {
        file.update(bytes, offset, length);
    }

    @Override
    public void other(byte[] bytes, int offset, int length) {}

    private void text(String text) {
        bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private void bytes(byte[] bytes) {
        list.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        list.update(bytes);
    }

    private void endFile() {
        TarEntry entry = current;
        if (entry == null || entry.kind() != TarEntry.Kind.FILE) {
            return;
        }
        byte[] digest = file.digest();
        bytes(digest);
        if (entry.extents().isEmpty()) {
            digests.put(PathBytes.join(entry.name().components()), digest);
        }
    }

    /// @param faithful whether each file is where its name says
    void finish(boolean faithful) {
        endFile();
        current = null;
        if (!faithful) {
            digests.clear();
        }
    }

    /// Once it is finished.
    Digest content() {
        return Digest.finish(list);
    }

    Optional<Digest> known(PathBytes path) {
        return digests.get(path);
    }
}
