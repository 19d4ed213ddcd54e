package dev.corten.store.snapshot;

import dev.corten.archive.ExactInput;
import dev.corten.archive.PiecedInput;
import dev.corten.archive.TarEntry;
import dev.corten.archive.TarEntry.Kind;
import dev.corten.archive.TarWriter;
import dev.corten.archive.unpack.LayerUnpack;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.PathBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The tar of a tree, as a stream: what is in a directory by its name, bytewise; of several names of
/// one file the first has the content. The same tree gives the same bytes, always.
///
/// The tree may be a container's and change while it is read: it is walked by descriptors, never
/// through a link; what is gone is left out, what shrank is filled with zeros.
public final class LayerTar extends PiecedInput {
    /// What there is in the tree.
    public enum View {
        /// What a layer has: the marks of overlayfs are whiteouts.
        LAYER,

        /// All there is.
        WHOLE
    }

    /// Sees what goes into the tar of a tree that nobody changes meanwhile.
    interface Watch {
        /// Where nobody looks.
        Watch NOBODY =
                new Watch() {
                    @Override
                    public void entry(TarEntry entry) {
                        // nobody looks
                    }

                    @Override
                    public InputStream content(PathBytes path, InputStream content) {
                        return content;
                    }

                    @Override
                    public void socket(Fd directory, PathBytes name) {
                        // nobody looks
                    }
                };

        /// A member of the tar, marks of what is hidden included.
        void entry(TarEntry entry);

        /// The bytes of the file whose entry was the last one; of an empty one there are none.
        ///
        /// @return what is read in their place, and gives the same bytes
        InputStream content(PathBytes path, InputStream content);

        /// What has no place in a tar.
        void socket(Fd directory, PathBytes name) throws IOException;
    }

    private static final PathBytes ROOT = PathBytes.of("");
    private static final int MAX_PATH = 4096;
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE_WHITEOUT = ".wh..wh..opq";
    private static final String CAPABILITY = "security.capability";
    private static final int BENEATH = FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS;

    /// What was a file a moment ago may be a pipe now: opening it shall not wait.
    private static final int READ =
            FileCalls.O_RDONLY | FileCalls.O_NONBLOCK | FileCalls.O_NOCTTY | FileCalls.O_NOFOLLOW;

    private final View view;
    private final Predicate<PathBytes> leftOut;
    private final List<TarEntry> more;
    private final Watch watch;
    private final Deque<Open> open = new ArrayDeque<>();
    private final Map<TreeCopy.Inode, PathBytes> linked = new HashMap<>();
    private final ByteArrayOutputStream headers = new ByteArrayOutputStream();
    private final TarWriter tar = new TarWriter(headers);
    private boolean ended;

    private record Open(Fd fd, PathBytes path, Iterator<PathBytes> left) {}

    private LayerTar(View view, Predicate<PathBytes> leftOut, List<TarEntry> more, Watch watch) {
        this.watch = watch;
        this.view = view;
        this.leftOut = leftOut;
        this.more = List.copyOf(more);
    }

    /// All of a tree.
    ///
    /// @param root open for reading; belongs to the stream from now on
    /// @param more entries without data that come after those of the tree
    public static InputStream whole(Fd root, List<TarEntry> more) throws IOException {
        return of(root, View.WHOLE, path -> false, List.of(), more, Watch.NOBODY);
    }

    /// @param root open for reading; belongs to the stream from now on
    public static InputStream of(Fd root, View view) throws IOException {
        return of(root, view, path -> false);
    }

    /// @param leftOut what is not wanted, with all that is in it; paths are relative
    public static InputStream of(Fd root, View view, Predicate<PathBytes> leftOut)
            throws IOException {
        return of(root, view, leftOut, List.of());
    }

    /// @param deleted of what whiteouts are wanted; paths are relative
    static InputStream of(Fd root, View view, Predicate<PathBytes> leftOut, List<PathBytes> deleted)
            throws IOException {
        return of(root, view, leftOut, deleted, Watch.NOBODY);
    }

    static InputStream of(
            Fd root, View view, Predicate<PathBytes> leftOut, List<PathBytes> deleted, Watch watch)
            throws IOException {
        return of(root, view, leftOut, deleted, List.of(), watch);
    }

    private static InputStream of(
            Fd root,
            View view,
            Predicate<PathBytes> leftOut,
            List<PathBytes> deleted,
            List<TarEntry> more,
            Watch watch)
            throws IOException {
        boolean done = false;
        try {
            var tar = new LayerTar(view, leftOut, more, watch);
            for (PathBytes path : deleted) {
                List<PathBytes> names = path.components();
                List<PathBytes> above = names.subList(0, names.size() - 1);
                tar.whiteout(above.isEmpty() ? ROOT : PathBytes.join(above), names.getLast());
            }
            tar.enter(root, ROOT);
            if (view == View.LAYER && tar.isOpaque(root)) {
                tar.opaque(ROOT);
            }
            done = true;
            return tar;
        } finally {
            if (!done) {
                root.close();
            }
        }
    }

    private void enter(Fd directory, PathBytes path) throws IOException {
        List<PathBytes> names =
                Directories.list(directory).stream().map(DirectoryEntry::name).sorted().toList();
        open.push(new Open(directory, path, names.iterator()));
    }

    @Override
    protected @Nullable InputStream next() throws IOException {
        while (true) {
            Open directory = open.peek();
            if (directory == null) {
                if (ended) {
                    return null;
                }
                ended = true;
                for (TarEntry entry : more) {
                    tar.add(entry);
                }
                tar.finish();
                return written();
            }
            if (directory.left().hasNext()) {
                InputStream content = entry(directory, directory.left().next());
                if (content != null || headers.size() > 0) {
                    InputStream head = written();
                    return content == null ? head : new SequenceInputStream(head, content);
                }
            } else {
                open.pop().fd().close();
            }
        }
    }

    private void add(TarEntry entry) throws IOException {
        tar.add(entry);
        watch.entry(entry);
    }

    private InputStream written() {
        byte[] bytes = headers.toByteArray();
        headers.reset();
        return new ByteArrayInputStream(bytes);
    }

    /// Writes an entry's header, or none.
    ///
    /// @return its content
    private @Nullable InputStream entry(Open directory, PathBytes name) throws IOException {
        PathBytes path = directory.path().isEmpty() ? name : directory.path().resolve(name);
        if (leftOut.test(path)) {
            return null;
        }
        Fd parent = directory.fd();
        Optional<Stat> found = FileCalls.findStat(parent, name);
        if (found.isEmpty()) {
            return null;
        }
        if (path.length() >= MAX_PATH) {
            throw new IOException("path is longer than " + MAX_PATH + " bytes: " + path);
        }
        Stat stat = found.get();
        try {
            if (view == View.LAYER && isWhiteout(stat)) {
                whiteout(directory.path(), name);
            } else if (stat.isDirectory()) {
                directory(parent, name, path);
            } else if (stat.isSocket()) {
                watch.socket(parent, name);
            } else {
                return node(parent, name, path, stat);
            }
        } catch (Errno e) {
            if (!e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP) && !e.is(Errno.ENXIO)) {
                throw e;
            }
            headers.reset(); // it is another thing now, or gone
            linked.remove(TreeCopy.Inode.of(stat), path);
        }
        return null;
    }

    private void directory(Fd parent, PathBytes name, PathBytes path) throws IOException {
        Fd fd = FileCalls.open2(parent, name, READ | FileCalls.O_DIRECTORY, 0, BENEATH);
        boolean entered = false;
        try {
            Stat stat = FileCalls.stat(fd);
            add(entry(withSlash(path), Kind.DIRECTORY, stat, 0, ROOT, attributes(fd)));
            if (view == View.LAYER && isOpaque(fd)) {
                opaque(path);
            }
            enter(fd, path);
            entered = true;
        } finally {
            if (!entered) {
                fd.close();
            }
        }
    }

    private static PathBytes withSlash(PathBytes path) {
        byte[] bytes = Arrays.copyOf(path.bytes(), path.length() + 1);
        bytes[path.length()] = '/';
        return PathBytes.of(bytes);
    }

    private void opaque(PathBytes directory) throws IOException {
        PathBytes mark = PathBytes.of(OPAQUE_WHITEOUT);
        add(
                TarEntry.file("x", 0, 0)
                        .withName(directory.isEmpty() ? mark : directory.resolve(mark)));
    }

    private void whiteout(PathBytes directory, PathBytes name) throws IOException {
        byte[] prefix = WHITEOUT.getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = Arrays.copyOf(prefix, prefix.length + name.length());
        System.arraycopy(name.bytes(), 0, bytes, prefix.length, name.length());
        PathBytes mark = PathBytes.of(bytes);
        add(
                TarEntry.file("x", 0, 0)
                        .withName(directory.isEmpty() ? mark : directory.resolve(mark)));
    }

    private @Nullable InputStream node(Fd parent, PathBytes name, PathBytes path, Stat stat)
            throws IOException {
        if (stat.links() > 1) {
            PathBytes first = linked.putIfAbsent(TreeCopy.Inode.of(stat), path);
            if (first != null) {
                add(entry(path, Kind.HARD_LINK, stat, 0, first, Map.of()));
                return null;
            }
        }
        if (stat.isRegular()) {
            return file(parent, name, path, stat);
        }
        Kind kind =
                switch (stat.type()) {
                    case Stat.S_IFLNK -> Kind.SYMLINK;
                    case Stat.S_IFCHR -> Kind.CHARACTER_DEVICE;
                    case Stat.S_IFBLK -> Kind.BLOCK_DEVICE;
                    default -> Kind.FIFO;
                };
        PathBytes target = stat.isSymlink() ? FileCalls.readlink(parent, name) : ROOT;
        var attributes = new TreeMap<PathBytes, byte[]>();
        for (String key : Xattrs.list(parent, name)) {
            if (isKept(key)) {
                Xattrs.get(parent, name, key)
                        .ifPresent(value -> attributes.put(PathBytes.of(key), value));
            }
        }
        add(entry(path, kind, stat, 0, target, attributes));
        return null;
    }

    private @Nullable InputStream file(Fd parent, PathBytes name, PathBytes path, Stat before)
            throws IOException {
        Fd fd = FileCalls.open2(parent, name, READ, 0, BENEATH);
        boolean given = false;
        try {
            Stat stat = FileCalls.stat(fd);
            if (!stat.isRegular() || !stat.sameFile(before)) {
                linked.remove(TreeCopy.Inode.of(before), path);
                return null;
            }
            long size = stat.size();
            TarEntry entry = entry(path, Kind.FILE, stat, size, ROOT, attributes(fd));
            tar.begin(entry);
            watch.entry(entry);
            if (size == 0) {
                return null;
            }
            given = true;
            InputStream content =
                    watch.content(
                            path,
                            new ExactInput(
                                    FileData.inputStream(fd),
                                    size,
                                    ExactInput.Shortfall.IS_FILLED));
            int padding = (int) (-size & (TarWriter.BLOCK - 1));
            return padding == 0
                    ? content
                    : new SequenceInputStream(content, new ByteArrayInputStream(new byte[padding]));
        } finally {
            if (!given) {
                fd.close();
            }
        }
    }

    private static TarEntry entry(
            PathBytes name,
            Kind kind,
            Stat stat,
            long size,
            PathBytes target,
            Map<PathBytes, byte[]> attributes) {
        boolean device = kind == Kind.CHARACTER_DEVICE || kind == Kind.BLOCK_DEVICE;
        return new TarEntry(
                name,
                kind,
                stat.permissions(),
                Integer.toUnsignedLong(stat.uid()),
                Integer.toUnsignedLong(stat.gid()),
                Instant.ofEpochSecond(stat.modifySeconds(), stat.modifyNanos()),
                size,
                target,
                device ? stat.rdevMajor() : 0,
                device ? stat.rdevMinor() : 0,
                attributes,
                List.of());
    }

    private static Map<PathBytes, byte[]> attributes(Fd fd) throws Errno {
        List<String> keys = Xattrs.list(fd);
        if (keys.isEmpty()) {
            return Map.of();
        }
        var attributes = new TreeMap<PathBytes, byte[]>();
        for (String key : keys) {
            if (isKept(key)) {
                Xattrs.get(fd, key).ifPresent(value -> attributes.put(PathBytes.of(key), value));
            }
        }
        return attributes;
    }

    /// What overlayfs notes is of this store, and the labels of security modules of this host.
    private static boolean isKept(String xattr) {
        boolean overlays =
                xattr.startsWith("trusted.overlay.") || xattr.startsWith("user.overlay.");
        return !overlays && (!xattr.startsWith("security.") || xattr.equals(CAPABILITY));
    }

    private boolean isOpaque(Fd directory) throws Errno {
        return Xattrs.get(directory, LayerUnpack.OPAQUE)
                .filter(value -> value.length > 0 && value[0] == 'y')
                .isPresent();
    }

    private static boolean isWhiteout(Stat stat) {
        return stat.type() == Stat.S_IFCHR && stat.rdevMajor() == 0 && stat.rdevMinor() == 0;
    }

    @Override
    public void close() throws IOException {
        try {
            super.close();
        } finally {
            for (Open directory : open) {
                directory.fd().close();
            }
            open.clear();
        }
    }
}
