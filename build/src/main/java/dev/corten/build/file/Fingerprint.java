package dev.corten.build.file;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.Digest;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The digest of all that a copy depends on: names, kinds, modes, owners where they are kept,
/// attributes, bytes. Times do not count.
final class Fingerprint implements SourceWalk.Sink<Boolean> {
    /// Changes with the format, so that digests of different formats never agree.
    private static final String FORMAT = "corten-selection-1";

    private final Fd source;
    private final boolean owners;
    private final Known known;
    private final Heard heard;
    private final MessageDigest hash = Digest.newHash();
    private final Map<Inode, PathBytes> linked = new HashMap<>();
    private byte[] buffer = new byte[0];
    private PathBytes base = PathBytes.of("");

    /// Hears of each file.
    @FunctionalInterface
    interface Heard {
        /// @param path from the root of the source
        /// @param state differs if the file does
        void file(PathBytes path, String state);
    }

    Fingerprint(Fd source, CopyRequest request, Known known) {
        this(source, request, known, (path, state) -> {});
    }

    Fingerprint(Fd source, CopyRequest request, Known known, Heard heard) {
        this.heard = heard;
        this.source = source;
        this.owners = request.keepOwner() && request.chown().isEmpty();
        this.known = known;
        text(FORMAT);
    }

    Digest finish() {
        return Digest.finish(hash);
    }

    void add(Match match) throws IOException {
        base = match.path();
        linked.clear();
        if (match.stat().isDirectory()) {
            // Its own name, mode and owner are those of the destination.
            text("contents");
            try (Fd directory = RootedPath.directory(source, match.path())) {
                new SourceWalk<>(this, match.filter()).contents(directory, match.stat(), true);
            }
        } else {
            text("node");
            bytes(match.name().bytes());
            base = RootedPath.parent(match.path());
            PathBytes name = RootedPath.name(match.path());
            try (Fd directory = RootedPath.directory(source, base)) {
                node(true, directory, name, name, match.stat().type() >> 12);
            }
        }
    }

    @Override
    public Boolean enter(
            Boolean parent, PathBytes name, PathBytes path, Fd directory, Stat stat, boolean chosen)
            throws IOException {
        head('d', path, stat);
        List<String> keys = Xattrs.list(directory);
        for (String key : keys.stream().filter(Metadata::isCopied).sorted().toList()) {
            attribute(key, Xattrs.get(directory, key));
        }
        return true;
    }

    @Override
    public void leave(Boolean made, Fd directory, Stat stat, boolean chosen) {
        number(0);
    }

    @Override
    public void release(Boolean made) {}

    @Override
    public void node(Boolean parent, Fd directory, PathBytes name, PathBytes path, int type)
            throws IOException {
        Stat stat = FileCalls.lstat(directory, name);
        if (stat.links() > 1 && stat.isRegular()) {
            PathBytes first = linked.putIfAbsent(Inode.of(stat), path);
            if (first != null) {
                hash.update((byte) 'h');
                bytes(path.bytes());
                bytes(first.bytes());
                return;
            }
        }
        char kind =
                switch (type) {
                    case DirectoryEntry.REGULAR -> 'f';
                    case DirectoryEntry.SYMLINK -> 'l';
                    case DirectoryEntry.CHARACTER_DEVICE -> 'c';
                    case DirectoryEntry.BLOCK_DEVICE -> 'b';
                    case DirectoryEntry.FIFO -> 'p';
                    default -> 's';
                };
        head(kind, path, stat);
        List<String> keys = Xattrs.list(directory, name);
        for (String key : keys.stream().filter(Metadata::isCopied).sorted().toList()) {
            attribute(key, Xattrs.get(directory, name, key));
        }
        switch (kind) {
            case 'f' -> content(directory, name, path, stat);
            case 'l' -> {
                PathBytes target = FileCalls.readlink(directory, name);
                bytes(target.bytes());
                heard.file(whole(path), "l" + target);
            }
            default -> number(stat.rdev());
        }
    }

    private void head(char kind, PathBytes path, Stat stat) {
        hash.update((byte) kind);
        bytes(path.bytes());
        number(stat.permissions());
        number(owners ? stat.uid() : 0);
        number(owners ? stat.gid() : 0);
    }

    private void attribute(String key, Optional<byte[]> value) {
        if (value.isPresent()) {
            hash.update((byte) 'x');
            text(key);
            bytes(value.get());
        }
    }

    private void content(Fd directory, PathBytes name, PathBytes path, Stat stat)
            throws IOException {
        PathBytes whole = whole(path);
        Optional<Digest> before = known.digest(whole);
        String digest = before.isPresent() ? before.get().hex() : read(directory, name).hex();
        text(digest);
        heard.file(whole, Integer.toOctalString(stat.permissions()) + digest);
    }

    private PathBytes whole(PathBytes path) {
        return base.isEmpty() ? path : base.resolve(path);
    }

    private Digest read(Fd directory, PathBytes name) throws IOException {
        if (buffer.length == 0) {
            buffer = new byte[128 << 10];
        }
        MessageDigest bytes = Digest.newHash();
        try (Fd file = FileCalls.open(directory, name, FileBytes.READ)) {
            int got;
            while ((got = FileData.read(file, buffer, 0, buffer.length)) >= 0) {
                bytes.update(buffer, 0, got);
            }
        }
        return Digest.finish(bytes);
    }

    private void text(String text) {
        bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private void bytes(byte[] bytes) {
        number(bytes.length);
        hash.update(bytes);
    }

    private void number(long number) {
        hash.update(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
    }
}
