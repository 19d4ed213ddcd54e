package dev.corten.store.snapshot;

import dev.corten.archive.unpack.LayerUnpack;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.PathBytes;
import dev.corten.model.container.Change;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a container has changed: its upper directory, or its whole tree, against the layers below.
///
/// The container's directory is the container's, and may change while it is read: it is walked by
/// descriptors, never through a link.
final class Changes {
    private static final PathBytes ROOT = PathBytes.of("/");
    private static final String CAPABILITY = "security.capability";

    private final LowerView lower;
    private final Set<PathBytes> made;

    /// Whether what is not there is gone; else there are whiteouts.
    private final boolean whole;

    private final List<Change> found = new ArrayList<>();

    private Changes(LowerView lower, Set<PathBytes> made, boolean whole) {
        this.lower = lower;
        this.made = made;
        this.whole = whole;
    }

    /// @param made what was put there for the container before it ran, absolute: no change of its
    /// @return sorted by path, directories before what is in them
    static List<Change> of(Fd upper, LowerView lower, Set<PathBytes> made) throws IOException {
        var changes = new Changes(lower, made, false);
        changes.directory(upper, ROOT, true);
        return List.copyOf(changes.found);
    }

    /// The same for two whole trees.
    ///
    /// @param tree the container's, which was a copy of the other once
    static List<Change> between(LowerView lower, Fd tree, Set<PathBytes> made) throws IOException {
        var changes = new Changes(lower, made, true);
        changes.directory(tree, ROOT, !lower.isEmpty());
        return List.copyOf(changes.found);
    }

    /// @param below whether the layers below have this directory too
    private void directory(Fd upper, PathBytes path, boolean below) throws IOException {
        var entries = new ArrayList<>(Directories.list(upper));
        var names = new HashSet<PathBytes>();
        entries.forEach(entry -> names.add(entry.name()));
        if (below && (whole || isOpaque(upper))) {
            for (PathBytes name : lowerNames(path)) {
                if (names.add(name)) {
                    entries.add(new DirectoryEntry(name, 0, DirectoryEntry.UNKNOWN));
                }
            }
        }
        entries.sort((a, b) -> a.name().compareTo(b.name()));
        for (DirectoryEntry entry : entries) {
            entry(upper, entry.name(), path.resolve(entry.name()), below);
        }
    }

    private void entry(Fd directory, PathBytes name, PathBytes path, boolean below)
            throws IOException {
        Optional<Stat> before = below ? lower.stat(relative(path)) : Optional.empty();
        Optional<Stat> now =
                FileCalls.findStat(directory, name).filter(stat -> whole || !isWhiteout(stat));
        if (now.isEmpty()) {
            // Gone this moment, whited out, or hidden by an opaque directory.
            if (before.isPresent()) {
                found.add(new Change(path, Change.Kind.DELETED));
            }
            return;
        }
        int mark = found.size();
        if (before.isEmpty()) {
            if (!wasMade(path)) {
                found.add(new Change(path, Change.Kind.ADDED));
            }
        } else if (differ(directory, name, path, before.get(), now.get())) {
            found.add(new Change(path, Change.Kind.MODIFIED));
        }
        boolean wasDirectory = before.isPresent() && before.get().isDirectory();
        if (now.get().isDirectory()) {
            boolean listed = found.size() > mark;
            try (Fd child = FileCalls.openDirectory(directory, name)) {
                directory(child, path, wasDirectory);
            } catch (Errno e) {
                if (!e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                    throw e;
                }
            }
            if (!listed && found.size() > mark && before.isPresent()) {
                found.add(mark, new Change(path, Change.Kind.MODIFIED));
            }
        } else if (wasDirectory) {
            for (PathBytes child : lowerNames(path)) {
                found.add(new Change(path.resolve(child), Change.Kind.DELETED));
            }
        }
    }

    /// Whether it, or something in it, was there before the container ran.
    private boolean wasMade(PathBytes path) {
        String inside = path + "/";
        return made.stream().anyMatch(one -> one.equals(path) || one.startsWith(inside));
    }

    /// The kernel copies whole files up, of which perhaps nothing was changed in the end. The times
    /// of a directory change with what is in it, and say nothing of itself.
    private boolean differ(Fd directory, PathBytes name, PathBytes path, Stat before, Stat now)
            throws IOException {
        if (before.mode() != now.mode()
                || before.uid() != now.uid()
                || before.gid() != now.gid()
                || before.rdev() != now.rdev()) {
            return true;
        }
        if (now.isDirectory()) {
            return false;
        }
        if (before.size() != now.size()
                || before.modifySeconds() != now.modifySeconds()
                || before.modifyNanos() != now.modifyNanos()) {
            return true;
        }
        return now.isRegular() && !sameCapability(directory, name, path);
    }

    private boolean sameCapability(Fd directory, PathBytes name, PathBytes path)
            throws IOException {
        Optional<byte[]> now = Xattrs.get(directory, name, CAPABILITY);
        Optional<Fd> opened = lower.find(relative(path), FileCalls.O_RDONLY | FileCalls.O_NOFOLLOW);
        if (opened.isEmpty()) {
            return now.isEmpty();
        }
        try (Fd fd = opened.get()) {
            Optional<byte[]> before = Xattrs.get(fd, CAPABILITY);
            return Arrays.equals(before.orElse(new byte[0]), now.orElse(new byte[0]));
        }
    }

    private List<PathBytes> lowerNames(PathBytes path) throws IOException {
        Optional<Fd> opened =
                lower.find(
                        relative(path),
                        FileCalls.O_RDONLY | FileCalls.O_DIRECTORY | FileCalls.O_NOFOLLOW);
        if (opened.isEmpty()) {
            return List.of();
        }
        var names = new ArrayList<PathBytes>();
        try (Fd fd = opened.get()) {
            for (DirectoryEntry entry : Directories.list(fd)) {
                names.add(entry.name());
            }
        }
        names.sort(PathBytes::compareTo);
        return names;
    }

    private static boolean isOpaque(Fd directory) throws Errno {
        return Xattrs.get(directory, LayerUnpack.OPAQUE)
                .filter(value -> value.length > 0 && value[0] == 'y')
                .isPresent();
    }

    private static boolean isWhiteout(Stat stat) {
        return stat.type() == Stat.S_IFCHR && stat.rdevMajor() == 0 && stat.rdevMinor() == 0;
    }

    private static PathBytes relative(PathBytes path) {
        List<PathBytes> components = path.components();
        return components.isEmpty() ? PathBytes.of(".") : PathBytes.join(components);
    }
}
