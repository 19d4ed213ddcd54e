package dev.corten.archive.unpack;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarFormatException;
import dev.corten.archive.TarReader;
import dev.corten.archive.unpack.UnpackedLayer.PendingLink;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Unpacks one layer's tar into a directory of its own, without looking at other layers.
///
/// Whiteouts (OCI image specification, "Whiteouts") become [Marks]. They hide what lower layers have,
/// never what this layer has, wherever in the tar they stand. What needs the lower layers is listed
/// in the [UnpackedLayer].
///
/// Later entries replace earlier ones of the same name. Names with `..` and absolute ones stay
/// inside the target, as do symbolic links on the way to a name; a link itself is stored as it is.
public final class LayerUnpack implements AutoCloseable {
    /// How a layer's directory says what the layer hides.
    public enum Marks {
        /// Overlayfs's own: a character device 0:0 in the place of what is hidden, the attribute
        /// `trusted.overlay.opaque` on a directory that hides all below it.
        OVERLAY,

        /// For file systems without such things: a socket in the place of what is hidden, which no
        /// tar can hold, and a list in the [UnpackedLayer] of directories that hide all.
        PLAIN,

        /// Not at all: the archive is no layer, and `.wh.x` is the name of a file. What is in the
        /// directory already is replaced or stays; the directory itself keeps its attributes.
        NONE
    }

    public static final String OPAQUE = "trusted.overlay.opaque";
    private static final byte[] YES = {'y'};
    private static final String WHITEOUT = ".wh.";
    private static final String WHITEOUT_META = ".wh..wh.";
    private static final String WHITEOUT_OPAQUE = ".wh..wh..opq";
    private static final PathBytes ROOT = PathBytes.of(".");
    private static final int NEW_FILE =
            FileCalls.O_WRONLY | FileCalls.O_CREAT | FileCalls.O_EXCL | FileCalls.O_NOFOLLOW;
    private static final int MAX_PATH = 4096;
    private static final int MAX_LINKS_FOLLOWED = 40;

    /// Of what is remembered of a layer until its end, about; some 200 000 directories.
    private static final long MEMORY_MAX = 48 << 20;

    /// What a name costs beside its bytes.
    private static final long MEMORY_PER_NAME = 200;

    private final FileContent content = new FileContent();
    private final int umask;
    private final Marks marks;
    private final OpenDirectory root;

    private final OpenDirectories directories = new OpenDirectories();
    private final Map<PathBytes, TarEntry> listedDirectories = new LinkedHashMap<>();
    private final Set<PathBytes> impliedDirectories = new LinkedHashSet<>();
    private final Map<PathBytes, PendingLink> pendingLinks = new LinkedHashMap<>();
    private final Set<PathBytes> whiteouts = new LinkedHashSet<>();
    private final Set<PathBytes> opaques = new LinkedHashSet<>();

    /// The directory that the entry at hand goes into: its descriptor stays open.
    private OpenDirectory target;

    private long size;
    private long memory;

    /// False when something of the tar is not where the tar says, or not there any more.
    private boolean faithful = true;

    private LayerUnpack(Fd root, Marks marks) throws IOException {
        this.marks = marks;
        this.root = new OpenDirectory(PathBytes.of(""), root);
        this.target = this.root;
        this.umask = Attributes.umask();
        impliedDirectories.add(ROOT);
    }

    /// Unpacks all of an archive into a directory, an empty one unless it is no layer.
    ///
    /// @param root open for reading; stays open
    /// @throws TarFormatException if the archive is damaged or names impossible things
    /// @throws InterruptedIOException if the thread is interrupted
    public static UnpackedLayer unpack(TarReader tar, Fd root, Marks marks) throws IOException {
        return unpack(tar, root, marks, UnaryOperator.identity());
    }

    /// @param change applied to each entry; its name and kind stay
    public static UnpackedLayer unpack(
            TarReader tar, Fd root, Marks marks, UnaryOperator<TarEntry> change)
            throws IOException {
        try (var unpack = new LayerUnpack(root, marks)) {
            for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedIOException("unpacking was interrupted");
                }
                unpack.add(change.apply(entry.get()), tar);
            }
            return unpack.finish();
        }
    }

    private void add(TarEntry entry, TarReader tar) throws IOException {
        if (entry.name().length() > MAX_PATH || entry.linkTarget().length() >= MAX_PATH) {
            throw new TarFormatException(
                    "name in tar archive is longer than " + MAX_PATH + " bytes");
        }
        directories.closeIfMany();
        target = root;
        List<PathBytes> path = contained(entry.name());
        if (path.isEmpty()) {
            if (entry.kind() == TarEntry.Kind.DIRECTORY && marks != Marks.NONE) {
                remember(ROOT, entry);
                impliedDirectories.remove(ROOT);
            }
            return;
        }
        PathBytes name = path.getLast();
        OpenDirectory parent = directory(path.subList(0, path.size() - 1));
        target = parent;
        faithful &= parent.path().components().equals(path.subList(0, path.size() - 1));
        if (marks != Marks.NONE && name.startsWith(WHITEOUT)) {
            whiteout(parent, name);
            return;
        }
        switch (entry.kind()) {
            case FILE -> file(parent, name, entry, tar);
            case DIRECTORY -> listedDirectory(parent, name, entry);
            case HARD_LINK -> hardLink(parent, name, entry);
            case SYMLINK -> {
                replacing(
                        parent,
                        name,
                        () -> FileCalls.symlink(entry.linkTarget(), parent.fd(), name));
                Attributes.ofNewNode(parent.fd(), name, entry);
                size += entry.linkTarget().length();
            }
            case CHARACTER_DEVICE -> node(parent, name, entry, Stat.S_IFCHR);
            case BLOCK_DEVICE -> node(parent, name, entry, Stat.S_IFBLK);
            case FIFO -> node(parent, name, entry, Stat.S_IFIFO);
        }
    }

    /// The components of a name, `..` never leading above the root.
    static List<PathBytes> contained(PathBytes name) {
        List<PathBytes> components = name.components();
        if (components.stream().noneMatch(c -> c.is(".."))) {
            return components;
        }
        var path = new ArrayList<PathBytes>();
        for (PathBytes component : components) {
            if (!component.is("..")) {
                path.add(component);
            } else if (!path.isEmpty()) {
                path.removeLast();
            }
        }
        return path;
    }

    // --- what entries become

    private void file(OpenDirectory parent, PathBytes name, TarEntry entry, TarReader tar)
            throws IOException {
        try (Fd fd = create(parent, name, entry.mode() & 0777)) {
            content.write(tar, entry, fd);
            Attributes.ofNewFile(fd, entry, umask);
        }
        size += entry.size();
    }

    private Fd create(OpenDirectory parent, PathBytes name, int mode) throws IOException {
        try {
            Fd fd = FileCalls.open2(parent.fd(), name, NEW_FILE, mode, OpenDirectories.BENEATH);
            forgetLink(parent, name);
            return fd;
        } catch (Errno e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
            remove(parent, name);
            return FileCalls.open2(parent.fd(), name, NEW_FILE, mode, OpenDirectories.BENEATH);
        }
    }

    private void node(OpenDirectory parent, PathBytes name, TarEntry entry, int type)
            throws IOException {
        replacing(
                parent,
                name,
                () ->
                        FileCalls.mknod(
                                parent.fd(),
                                name,
                                type | entry.mode() & 0777,
                                entry.deviceMajor(),
                                entry.deviceMinor()));
        Attributes.ofNewNode(parent.fd(), name, entry);
    }

    private void listedDirectory(OpenDirectory parent, PathBytes name, TarEntry entry)
            throws IOException {
        PathBytes path = parent.child(name);
        forgetLink(parent, name);
        Optional<Stat> existing = FileCalls.findStat(parent.fd(), name);
        if (existing.isEmpty() || !existing.get().isDirectory()) {
            makeDirectory(parent, name, existing.isPresent());
        }
        impliedDirectories.remove(path);
        // Attributes come last: what is put into a directory changes its time, and a setgid bit
        // would give its group to new files.
        remember(path, entry);
    }

    private void remember(PathBytes path, TarEntry entry) throws TarFormatException {
        long bytes = entry.name().length();
        for (var xattr : entry.xattrs().entrySet()) {
            bytes += MEMORY_PER_NAME + xattr.getKey().length() + xattr.getValue().length;
        }
        account(path, bytes);
        listedDirectories.put(path, entry);
    }

    /// A few bytes of a compressed layer may stand for more names than there is memory for.
    private void account(PathBytes path, long more) throws TarFormatException {
        memory += MEMORY_PER_NAME + path.length() + more;
        if (memory > MEMORY_MAX) {
            throw new TarFormatException(
                    "layer has too many directories, whiteouts and links to files of other layers");
        }
    }

    /// Makes a directory in the place of nothing, of a file, or of a whiteout: the latter goes on
    /// hiding what is below.
    private void makeDirectory(OpenDirectory parent, PathBytes name, boolean exists)
            throws IOException {
        boolean hides = whiteouts.contains(parent.child(name));
        if (exists) {
            remove(parent, name);
        }
        FileCalls.mkdir(parent.fd(), name, 0700);
        if (hides) {
            opaque(parent, name);
        }
    }

    private void opaque(OpenDirectory parent, PathBytes name) throws IOException {
        switch (marks) {
            case OVERLAY -> Xattrs.set(parent.fd(), name, OPAQUE, YES, 0);
            case PLAIN -> {
                account(parent.child(name), 0);
                opaques.add(parent.child(name));
            }
            case NONE -> throw new IllegalStateException("nothing is hidden");
        }
    }

    private void hardLink(OpenDirectory parent, PathBytes name, TarEntry entry) throws IOException {
        List<PathBytes> named = contained(entry.linkTarget());
        if (named.isEmpty()) {
            throw new TarFormatException("hard link " + entry.name() + " has no target");
        }
        PathBytes link = parent.child(name);
        OpenDirectory from = find(named.subList(0, named.size() - 1));
        PathBytes source = from == null ? PathBytes.join(named) : from.child(named.getLast());
        if (source.equals(link)) {
            return;
        }
        boolean here =
                from != null
                        && !whiteouts.contains(source)
                        && FileCalls.findStat(from.fd(), named.getLast()).isPresent();
        if (from == null || !here) {
            if (FileCalls.findStat(parent.fd(), name).isPresent()) {
                remove(parent, name);
            }
            account(link, source.length());
            pendingLinks.put(link, new PendingLink(link, source));
            return;
        }
        Fd sourceDirectory = from.fd();
        try {
            replacing(
                    parent,
                    name,
                    () -> FileCalls.link(sourceDirectory, named.getLast(), parent.fd(), name, 0));
        } catch (Errno e) {
            if (e.is(Errno.EPERM)) {
                throw new TarFormatException(
                        "hard link " + entry.name() + " to a directory: " + entry.linkTarget());
            }
            throw e;
        }
    }

    private void whiteout(OpenDirectory parent, PathBytes marker) throws IOException {
        if (marker.is(WHITEOUT_OPAQUE)) {
            switch (marks) {
                case OVERLAY -> Xattrs.set(parent.fd(), OPAQUE, YES, 0);
                case PLAIN -> {
                    account(parent.path(), 0);
                    opaques.add(parent.path().isEmpty() ? ROOT : parent.path());
                }
                case NONE -> throw new IllegalStateException("nothing is hidden");
            }
            return;
        }
        if (marker.startsWith(WHITEOUT_META)) {
            return; // aufs kept its own files under such names
        }
        byte[] bytes = marker.bytes();
        PathBytes name = PathBytes.of(Arrays.copyOfRange(bytes, WHITEOUT.length(), bytes.length));
        if (name.isEmpty() || name.is(".") || name.is("..")) {
            throw new TarFormatException("whiteout of an impossible name: " + marker);
        }
        PathBytes path = parent.child(name);
        if (pendingLinks.containsKey(path)) {
            return;
        }
        Optional<Stat> existing = FileCalls.findStat(parent.fd(), name);
        if (existing.isEmpty()) {
            int type = marks == Marks.OVERLAY ? Stat.S_IFCHR : Stat.S_IFSOCK;
            FileCalls.mknod(parent.fd(), name, type, 0, 0);
            account(path, 0);
            whiteouts.add(path);
        } else if (existing.get().isDirectory()) {
            opaque(parent, name);
            impliedDirectories.remove(path);
        }
    }

    @FunctionalInterface
    private interface Creation {
        void run() throws Errno;
    }

    private void replacing(OpenDirectory parent, PathBytes name, Creation creation)
            throws IOException {
        try {
            creation.run();
            forgetLink(parent, name);
        } catch (Errno e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
            remove(parent, name);
            creation.run();
        }
    }

    private void forgetLink(OpenDirectory parent, PathBytes name) {
        if (!pendingLinks.isEmpty()) {
            pendingLinks.remove(parent.child(name));
        }
    }

    private void remove(OpenDirectory parent, PathBytes name) throws IOException {
        PathBytes path = parent.child(name);
        faithful &= whiteouts.contains(path);
        if (FileCalls.lstat(parent.fd(), name).isDirectory()) {
            var deletion = Directories.deleteTree(parent.fd(), name);
            if (!deletion.failures().isEmpty()) {
                throw deletion.failures().getFirst();
            }
            String below = path + "/";
            Predicate<PathBytes> inside = p -> p.equals(path) || p.startsWith(below);
            listedDirectories.keySet().removeIf(inside);
            impliedDirectories.removeIf(inside);
            pendingLinks.keySet().removeIf(inside);
            whiteouts.removeIf(inside);
            opaques.removeIf(inside);
        } else {
            FileCalls.unlink(parent.fd(), name);
            whiteouts.remove(path);
            pendingLinks.remove(path);
        }
        // A path that led through a link or into the tree leads elsewhere now; [parent] itself is
        // still used by the entry at hand.
        directories.forget(path);
    }

    // --- directories

    private OpenDirectory directory(List<PathBytes> path) throws IOException {
        OpenDirectory directory = walk(path, true);
        if (directory == null) {
            throw new IllegalStateException("directory was not made: " + PathBytes.join(path));
        }
        return directory;
    }

    private @Nullable OpenDirectory find(List<PathBytes> path) throws IOException {
        return walk(path, false);
    }

    private @Nullable OpenDirectory walk(List<PathBytes> path, boolean make) throws IOException {
        if (path.isEmpty()) {
            return root;
        }
        PathBytes key = PathBytes.join(path);
        OpenDirectory known = directories.find(key);
        if (known != null) {
            return known;
        }
        OpenDirectory at = root;
        Deque<PathBytes> left = new ArrayDeque<>(path);
        int links = 0;
        while (!left.isEmpty()) {
            PathBytes name = left.pop();
            if (name.is("..")) {
                List<PathBytes> names = at.path().components();
                at = names.isEmpty() ? root : directory(names.subList(0, names.size() - 1));
                continue;
            }
            directories.closeIfTooMany(at, target);
            OpenDirectory child = directories.at(at.child(name));
            if (child != null) {
                at = child;
                continue;
            }
            try {
                at = directories.open(at, name);
            } catch (Errno e) {
                if (e.is(Errno.ELOOP)) {
                    if (++links > MAX_LINKS_FOLLOWED) {
                        throw new TarFormatException("too many symbolic links in " + key);
                    }
                    PathBytes target = FileCalls.readlink(at.fd(), name);
                    at = target.isAbsolute() ? root : at;
                    for (PathBytes component : target.components().reversed()) {
                        left.push(component);
                    }
                } else if (e.is(Errno.ENOENT) || whiteouts.contains(at.child(name))) {
                    if (!make) {
                        return null;
                    }
                    boolean hides = whiteouts.contains(at.child(name));
                    makeDirectory(at, name, e.is(Errno.ENOTDIR));
                    if (!hides) {
                        account(at.child(name), 0);
                        impliedDirectories.add(at.child(name));
                    }
                    pendingLinks.remove(at.child(name));
                    try (Fd fd = OpenDirectories.openFresh(at, name)) {
                        FileCalls.chmod(fd, 0755);
                    }
                    at = directories.open(at, name);
                } else if (e.is(Errno.ENOTDIR)) {
                    if (!make) {
                        return null;
                    }
                    throw new TarFormatException(at.child(name) + " is not a directory");
                } else {
                    throw e;
                }
            }
        }
        directories.remember(key, at);
        return at;
    }

    private UnpackedLayer finish() throws IOException {
        for (var listed : listedDirectories.entrySet()) {
            try (Fd fd =
                    FileCalls.open2(
                            root.fd(),
                            listed.getKey(),
                            FileCalls.O_RDONLY | FileCalls.O_DIRECTORY,
                            0,
                            OpenDirectories.BENEATH)) {
                Attributes.ofDirectory(fd, listed.getValue());
            }
        }
        return new UnpackedLayer(
                List.copyOf(impliedDirectories),
                List.copyOf(pendingLinks.values()),
                List.copyOf(whiteouts),
                List.copyOf(opaques),
                size,
                faithful);
    }

    @Override
    public void close() {
        directories.close();
        content.close();
    }
}
