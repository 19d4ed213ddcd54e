package dev.corten.build.file;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Stat;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Puts things where a request wants them.
final class Placement implements SourceWalk.Sink<Placement.Target>, AutoCloseable {
    private static final int NEW_FILE =
            FileCalls.O_WRONLY | FileCalls.O_CREAT | FileCalls.O_EXCL | FileCalls.O_NOFOLLOW;
    private static final int WORTH_NOTING = 64 << 10;

    /// A directory of the destination, open.
    ///
    /// @param path without links; empty for the root
    /// @param made whether it was not there before
    /// @param givesGroup whether its setgid bit gives its group to what is made in it
    record Target(PathBytes path, Fd fd, boolean made, boolean givesGroup) {
        PathBytes child(PathBytes name) {
            return path.isEmpty() ? name : path.resolve(name);
        }
    }

    private final Fd root;
    private final CopyRequest request;
    private final Metadata metadata;
    private final FileBytes bytes = new FileBytes();

    /// Where the first of several names of a file went.
    private final Map<Inode, PathBytes> copied = new HashMap<>();

    /// What the layer will have of the present match.
    private final Set<Inode> sharedHere = new HashSet<>();

    private final Known known;
    private final SharedFiles shared;

    /// What paths of the present match are relative to.
    private PathBytes base = PathBytes.of("");

    Placement(Fd root, CopyRequest request, Known known, SharedFiles shared) throws IOException {
        this.root = root;
        this.request = request;
        this.known = known;
        this.shared = shared;
        this.metadata = Metadata.of(root, request);
    }

    // ---- what is put

    void add(Fd source, Match match) throws IOException {
        copied.clear();
        sharedHere.clear();
        base = match.path();
        if (match.stat().isDirectory()) {
            contents(source, match);
            return;
        }
        PathBytes from = RootedPath.parent(match.path());
        PathBytes name = RootedPath.name(match.path());
        try (Fd directory = RootedPath.directory(source, from)) {
            if (request.unpack() && match.stat().isRegular()) {
                try (Fd file = FileCalls.open(directory, name, FileBytes.READ)) {
                    if (unpacked(file)) {
                        return;
                    }
                }
            }
            Place place = place(match.name());
            try (Fd _ = place.target().fd()) {
                int type = match.stat().type() >> 12;
                base = from;
                node(place.target(), place.name(), directory, name, name, type);
            }
        }
    }

    private void contents(Fd source, Match match) throws IOException {
        try (Fd from = RootedPath.directory(source, match.path())) {
            Target top = directory();
            try (Fd fd = top.fd()) {
                new SourceWalk<>(this, match.filter()).contents(from, match.stat(), top);
                if (!request.classic() && match.filter().wantsAll()) {
                    metadata.times(match.stat(), fd);
                }
            }
        }
    }

    void write(InlineFile file) throws IOException {
        Place place = place(checked(file.name()));
        try (Fd _ = place.target().fd();
                Fd fd = create(place.target(), place.name(), 0600)) {
            FileData.writeFully(fd, file.content());
            finish(fd, 0644, Optional.empty());
        }
    }

    void download(Fd file, String name, Optional<Instant> modified) throws IOException {
        if (request.unpack() && unpacked(file)) {
            return;
        }
        Place place = place(checked(name));
        try (Fd _ = place.target().fd();
                Fd fd = create(place.target(), place.name(), 0600)) {
            FileData.seek(file, 0, FileData.SEEK_SET);
            bytes.copy(file, FileCalls.stat(file), fd);
            finish(fd, 0600, modified);
        }
    }

    private void finish(Fd fd, int mode, Optional<Instant> modified) throws IOException {
        FileCalls.chmod(fd, mode);
        metadata.ofGivenFile(fd, modified);
    }

    private static PathBytes checked(String name) {
        if (name.contains("/") || name.isEmpty() || name.equals(".") || name.equals("..")) {
            throw new InvalidParameter("open /" + name + ": no such file or directory");
        }
        return PathBytes.of(name);
    }

    void makeDirectory() throws IOException {
        make(destination()).fd().close();
    }

    private boolean unpacked(Fd file) throws IOException {
        if (!LocalArchive.is(file)) {
            return false;
        }
        shared.forgetAll();
        Target top = make(destination(), 0755);
        try (Fd fd = top.fd()) {
            LocalArchive.unpack(file, fd, request.classic() ? Optional.empty() : metadata.chown());
        }
        return true;
    }

    // ---- where it is put

    /// @param target open
    private record Place(Target target, PathBytes name) {}

    /// Without links.
    private PathBytes destination() throws IOException {
        try {
            return RootedPath.resolve(root, PathBytes.of(request.destination()));
        } catch (Errno e) {
            String path =
                    PathBytes.join(PathBytes.of(request.destination()).components()).toString();
            if (e.is(Errno.ENOTDIR)) {
                throw new InvalidParameter("lstat /" + path + ": not a directory", e);
            }
            if (e.is(Errno.ELOOP)) {
                throw new InvalidParameter(
                        "lstat /" + path + ": too many levels of symbolic links", e);
            }
            throw e;
        }
    }

    /// The place of what is no directory.
    ///
    /// @param own its name in a directory
    private Place place(PathBytes own) throws IOException {
        if (request.destination().endsWith("/")) {
            return new Place(make(destination()), own);
        }
        PathBytes path = destination();
        Optional<Stat> there = RootedPath.stat(root, path);
        if (there.isPresent() && there.get().isDirectory()) {
            return new Place(make(path), own);
        }
        return new Place(make(RootedPath.parent(path)), RootedPath.name(path));
    }

    /// The directory that the request speaks of.
    private Target directory() throws IOException {
        PathBytes path = destination();
        Optional<Stat> there = RootedPath.stat(root, path);
        if (there.isPresent()
                && !there.get().isDirectory()
                && !request.destination().endsWith("/")) {
            throw new InvalidParameter("cannot copy to non-directory: /" + path);
        }
        return make(path, metadata.modeOfMadeDirectory(), !request.classic());
    }

    private Target make(PathBytes path) throws IOException {
        return make(path, metadata.modeOfMadeDirectory());
    }

    private Target make(PathBytes path, int mode) throws IOException {
        return make(path, mode, true);
    }

    /// Opens a directory, and makes what is missing of it.
    ///
    /// @param whole whether those on the way belong to whom the last one belongs
    private Target make(PathBytes path, int mode, boolean whole) throws IOException {
        Fd at = RootedPath.directory(root, PathBytes.of(""));
        boolean made = false;
        try {
            int left = path.components().size();
            for (PathBytes name : path.components()) {
                left--;
                made = false;
                Fd next;
                try {
                    next = FileCalls.openDirectory(at, name);
                } catch (Errno e) {
                    if (e.is(Errno.ENOTDIR)) {
                        throw new InvalidParameter("mkdir /" + path + ": not a directory", e);
                    }
                    if (!e.is(Errno.ENOENT)) {
                        throw e;
                    }
                    FileCalls.mkdir(at, name, 0700);
                    next = FileCalls.openDirectory(at, name);
                    made = true;
                }
                at.close();
                at = next;
                if (made) {
                    metadata.ofMadeDirectory(at, mode, whole || left == 0);
                }
            }
            boolean givesGroup = (FileCalls.stat(at).mode() & 02000) != 0;
            return new Target(path, at.transfer(), made, givesGroup);
        } finally {
            at.close();
        }
    }

    // ---- what is found in directories

    @Override
    public Target enter(
            Target parent, PathBytes name, PathBytes path, Fd directory, Stat stat, boolean chosen)
            throws IOException {
        boolean made = mkdir(parent, name);
        try (Fd fd = FileCalls.openDirectory(parent.fd(), name)) {
            // A setgid bit is inherited; that of an existing directory is what counts otherwise.
            boolean givesGroup =
                    made ? parent.givesGroup() : (FileCalls.stat(fd).mode() & 02000) != 0;
            return new Target(parent.child(name), fd.transfer(), made, givesGroup);
        }
    }

    private boolean mkdir(Target parent, PathBytes name) throws IOException {
        try {
            FileCalls.mkdir(parent.fd(), name, 0700);
            return true;
        } catch (Errno e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
        }
        if (FileCalls.lstat(parent.fd(), name).isDirectory()) {
            return false;
        }
        if (!request.classic()) {
            throw new InvalidParameter("cannot copy to non-directory: /" + parent.child(name));
        }
        FileCalls.unlink(parent.fd(), name);
        FileCalls.mkdir(parent.fd(), name, 0700);
        return true;
    }

    @Override
    public void leave(Target made, Fd directory, Stat stat, boolean chosen) throws IOException {
        if (chosen || made.made()) {
            metadata.ofDirectory(directory, stat, made.fd());
        }
    }

    @Override
    public void release(Target made) {
        made.fd().close();
    }

    @Override
    public void node(Target parent, Fd directory, PathBytes name, PathBytes path, int type)
            throws IOException {
        node(parent, name, directory, name, path, type);
    }

    private void node(
            Target to, PathBytes name, Fd directory, PathBytes source, PathBytes path, int type)
            throws IOException {
        if (type == DirectoryEntry.REGULAR) {
            file(to, name, directory, source, path);
            return;
        }
        Stat stat = FileCalls.lstat(directory, source);
        if (stat.isSymlink()) {
            PathBytes target = FileCalls.readlink(directory, source);
            replacing(to, name, () -> FileCalls.symlink(target, to.fd(), name));
        } else {
            replacing(
                    to,
                    name,
                    () ->
                            FileCalls.mknod(
                                    to.fd(),
                                    name,
                                    stat.type() | 0600,
                                    stat.rdevMajor(),
                                    stat.rdevMinor()));
        }
        metadata.ofNewNode(directory, source, stat, to.fd(), name);
    }

    /// @param path of the source, relative to the match
    private void file(Target to, PathBytes name, Fd directory, PathBytes source, PathBytes path)
            throws IOException {
        try (Fd in = FileCalls.open(directory, source, FileBytes.READ)) {
            Stat stat = FileCalls.stat(in);
            if (!stat.isRegular()) {
                throw new IOException(source + " changed while it was copied");
            }
            if (shares(to, name, in, stat)) {
                noted(to, name, path, stat);
                return;
            }
            if (linked(to, name, stat)) {
                return;
            }
            try (Fd out = create(to, name, metadata.mode(stat) & 0777)) {
                bytes.copy(in, stat, out);
                metadata.ofNewFile(in, stat, out, to.givesGroup());
            }
            noted(to, name, path, stat);
        }
    }

    private void noted(Target to, PathBytes name, PathBytes path, Stat stat) {
        if (stat.size() >= WORTH_NOTING) {
            PathBytes whole = base.isEmpty() ? path : base.resolve(path);
            known.digest(whole).ifPresent(digest -> shared.digest(to.child(name), digest));
        }
    }

    /// Whether it is another name of what has been copied.
    private boolean linked(Target to, PathBytes name, Stat stat) throws IOException {
        if (stat.links() < 2) {
            return false;
        }
        PathBytes first = copied.putIfAbsent(Inode.of(stat), to.child(name));
        if (first == null) {
            return false;
        }
        try (Fd from = RootedPath.directory(root, RootedPath.parent(first))) {
            PathBytes old = RootedPath.name(first);
            replacing(to, name, () -> FileCalls.link(from, old, to.fd(), name, 0));
        }
        return true;
    }

    /// Whether the layer will have the file itself.
    private boolean shares(Target to, PathBytes name, Fd in, Stat stat) throws IOException {
        Inode inode = Inode.of(stat);
        boolean may =
                request.linkable()
                        && metadata.leaves(in, stat)
                        && (sharedHere.contains(inode) || !shared.isUsed(inode))
                        && shared.takes(in, stat);
        if (!may) {
            return false;
        }
        try (Fd placeholder = create(to, name, 0600)) {
            if (!shared.promise(to.child(name), placeholder, in, stat)) {
                return false;
            }
        }
        sharedHere.add(inode);
        return true;
    }

    // ---- in the place of something else

    @FunctionalInterface
    private interface Creation {
        void run() throws Errno;
    }

    private Fd create(Target to, PathBytes name, int mode) throws IOException {
        shared.forget(to.child(name));
        try {
            return FileCalls.open(to.fd(), name, NEW_FILE, mode);
        } catch (Errno e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
            remove(to, name);
            return FileCalls.open(to.fd(), name, NEW_FILE, mode);
        }
    }

    private void replacing(Target to, PathBytes name, Creation creation) throws IOException {
        shared.forget(to.child(name));
        try {
            creation.run();
        } catch (Errno e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
            remove(to, name);
            creation.run();
        }
    }

    private void remove(Target to, PathBytes name) throws IOException {
        if (!FileCalls.lstat(to.fd(), name).isDirectory()) {
            FileCalls.unlink(to.fd(), name);
        } else if (request.classic()) {
            Directories.deleteTree(to.fd(), name).orThrow();
        } else {
            throw new InvalidParameter(
                    "cannot replace to directory /" + to.child(name) + " with file");
        }
    }

    @Override
    public void close() {
        bytes.close();
    }
}
