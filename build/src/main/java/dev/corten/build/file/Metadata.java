package dev.corten.build.file;

import dev.corten.archive.unpack.Attributes;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/// Owner, mode, attributes and times of what is made, as a request has them.
final class Metadata {
    private static final String CAPABILITY = "security.capability";

    private final Optional<Owner> chown;
    private final boolean keepOwner;
    private final Chmod chmod;
    private final Optional<Instant> time;

    /// What the kernel takes away from the modes of new files.
    private final int umask;

    /// Whether files lose what a change of the owner takes away, as with the classic builder.
    private final boolean loses;

    private Metadata(
            Optional<Owner> chown,
            boolean keepOwner,
            Chmod chmod,
            Optional<Instant> time,
            int umask,
            boolean loses) {
        this.chown = chown;
        this.keepOwner = keepOwner;
        this.chmod = chmod;
        this.time = time;
        this.umask = umask;
        this.loses = loses;
    }

    static Metadata of(Fd destination, CopyRequest request) throws IOException {
        Optional<Owner> chown =
                request.chown().isEmpty()
                        ? Optional.empty()
                        : Optional.of(Owner.of(destination, request.chown()));
        return new Metadata(
                chown,
                request.keepOwner(),
                Chmod.parse(request.chmod()),
                request.time(),
                Attributes.umask(),
                request.classic() && (!request.keepOwner() || chown.isPresent()));
    }

    /// Overlayfs would obey its own.
    static boolean isCopied(String xattr) {
        return !xattr.startsWith("trusted.overlay.") && !xattr.startsWith("user.overlay.");
    }

    /// The one that is asked for.
    Optional<Owner> chown() {
        return chown;
    }

    Owner owner(Stat stat) {
        return chown.orElseGet(() -> keepOwner ? new Owner(stat.uid(), stat.gid()) : Owner.ROOT);
    }

    int mode(Stat stat) {
        int mode = chmod.apply(stat.permissions(), stat.isDirectory());
        if (loses && stat.isRegular()) {
            mode &= (mode & 010) == 0 ? ~04000 : ~06000;
        }
        return mode;
    }

    /// Whether a file may stay what it is.
    boolean leaves(Fd file, Stat stat) throws Errno {
        if (loses && Xattrs.get(file, CAPABILITY).isPresent()) {
            return false;
        }
        boolean sameOwner = owner(stat).equals(new Owner(stat.uid(), stat.gid()));
        return sameOwner && mode(stat) == stat.permissions() && time.isEmpty();
    }

    /// Of a file that was made with these permissions, as far as the kernel let it.
    ///
    /// @param groupInherited whether its directory gave it a group
    void ofNewFile(Fd from, Stat stat, Fd to, boolean groupInherited) throws IOException {
        newFile(stat, to, groupInherited);
        Attributes.copyXattrs(from, to);
        if (loses && Xattrs.get(to, CAPABILITY).isPresent()) {
            Xattrs.remove(to, CAPABILITY);
        }
        times(stat, to);
    }

    /// Of a file that has its mode, but nothing else.
    void ofGivenFile(Fd to, Optional<Instant> modified) throws IOException {
        Owner owner = chown.orElse(Owner.ROOT);
        FileCalls.chown(to, owner.uid(), owner.gid());
        FileCalls.chmod(to, mode(FileCalls.stat(to)));
        Optional<Instant> wanted = time.or(() -> modified);
        if (wanted.isPresent()) {
            times(to, wanted.get());
        }
    }

    private void newFile(Stat stat, Fd to, boolean groupInherited) throws IOException {
        Owner owner = owner(stat);
        if (groupInherited || !owner.equals(Owner.ROOT)) {
            FileCalls.chown(to, owner.uid(), owner.gid());
        }
        int mode = mode(stat);
        if ((mode & (07000 | umask)) != 0) {
            FileCalls.chmod(to, mode);
        }
    }

    void ofDirectory(Fd from, Stat stat, Fd to) throws IOException {
        Owner owner = owner(stat);
        FileCalls.chown(to, owner.uid(), owner.gid());
        FileCalls.chmod(to, mode(stat));
        Attributes.copyXattrs(from, to);
        times(stat, to);
    }

    /// Of a link, a device, a fifo or a socket that was just made.
    void ofNewNode(Fd from, PathBytes source, Stat stat, Fd to, PathBytes name) throws IOException {
        Owner owner = owner(stat);
        FileCalls.chown(to, name, owner.uid(), owner.gid());
        if (!stat.isSymlink()) {
            FileCalls.chmod(to, name, mode(stat));
        }
        Attributes.copyXattrs(from, source, to, name);
        long seconds = time.map(Instant::getEpochSecond).orElse(stat.modifySeconds());
        int nanos = time.map(Instant::getNano).orElse(stat.modifyNanos());
        FileCalls.times(to, name, seconds, nanos, seconds, nanos);
    }

    /// The mode of directories on the way to what is copied.
    int modeOfMadeDirectory() {
        return chmod.ofMadeDirectory();
    }

    /// Of a directory on the way to a destination.
    ///
    /// @param given whether it belongs to whom the files are to belong
    void ofMadeDirectory(Fd to, int mode, boolean given) throws IOException {
        Owner owner = given ? chown.orElse(Owner.ROOT) : Owner.ROOT;
        FileCalls.chown(to, owner.uid(), owner.gid());
        FileCalls.chmod(to, mode);
        if (time.isPresent()) {
            times(to, time.get());
        }
    }

    void times(Stat stat, Fd to) throws IOException {
        times(
                to,
                time.orElseGet(
                        () -> Instant.ofEpochSecond(stat.modifySeconds(), stat.modifyNanos())));
    }

    static void times(Fd to, Instant time) throws IOException {
        long seconds = time.getEpochSecond();
        FileCalls.times(to, seconds, time.getNano(), seconds, time.getNano());
    }
}
