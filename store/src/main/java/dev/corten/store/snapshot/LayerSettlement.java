package dev.corten.store.snapshot;

import dev.corten.archive.TarFormatException;
import dev.corten.archive.unpack.Attributes;
import dev.corten.archive.unpack.UnpackedLayer;
import dev.corten.archive.unpack.UnpackedLayer.PendingLink;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileCopies;
import dev.corten.kernel.file.Stat;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes of a layer that was unpacked by itself what a serial unpack on top of the layers below
/// would have made.
///
/// - A directory that the tar only implies takes owner, mode, attributes and time of the one
///   below. Where the one below is a symbolic link, what is in the directory moves to where the
///   link leads: a layer with `bin/x` over `bin -> usr/bin` adds `usr/bin/x`.
/// - A hard link to a file below copies that file up.
/// - A whiteout of nothing is dropped: in a directory that no other layer has, overlayfs would
///   show it.
final class LayerSettlement {
    private static final PathBytes ROOT = PathBytes.of(".");
    private static final int DIRECTORY = FileCalls.O_RDONLY | FileCalls.O_DIRECTORY;
    private static final int BENEATH = FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS;

    private final Fd root;
    private final LowerView below;
    private final List<PathBytes> implied;

    /// Directories that are implied in one place and listed in another that is the same.
    private final Set<PathBytes> listed = new HashSet<>();

    private List<PendingLink> links;
    private List<PathBytes> whiteouts;
    private List<PathBytes> opaques;
    private boolean relocated;

    /// Files below that this layer hides and links to, by their old names.
    private final Map<PathBytes, PathBytes> renamed = new HashMap<>();

    private LayerSettlement(Fd root, UnpackedLayer layer, LowerView below) {
        this.root = root;
        this.below = below;
        this.implied = new ArrayList<>(layer.impliedDirectories());
        this.links = layer.pendingLinks();
        this.whiteouts = layer.whiteouts();
        this.opaques = layer.opaques();
    }

    /// What a settled layer hides of those below it.
    ///
    /// @param whiteouts names that are not seen, with a mark in their place
    /// @param opaques directories of which nothing is seen; only where the layer's directory itself
    ///     does not say so
    /// @param relocated whether anything is not where the tar says
    record Hidden(Set<PathBytes> whiteouts, Set<PathBytes> opaques, boolean relocated) {
        static final Hidden NOTHING = new Hidden(Set.of(), Set.of(), false);

        Hidden {
            whiteouts = Set.copyOf(whiteouts);
            opaques = Set.copyOf(opaques);
        }
    }

    /// @param root the layer's `diff/`, open for reading
    static Hidden settle(Fd root, UnpackedLayer layer, LowerView below) throws IOException {
        var settlement = new LayerSettlement(root, layer, below);
        settlement.settle();
        return new Hidden(
                Set.copyOf(settlement.whiteouts),
                Set.copyOf(settlement.opaques),
                settlement.relocated);
    }

    private void settle() throws IOException {
        for (int i = 0; i < implied.size(); i++) {
            PathBytes path = implied.get(i);
            if (path.equals(ROOT)) {
                continue;
            }
            Optional<Stat> lower = below.stat(path);
            if (lower.isPresent() && lower.get().isSymlink()) {
                relocate(path);
            }
        }
        for (PathBytes whiteout : whiteouts) {
            if (below.stat(whiteout).isEmpty()) {
                removeMark(root, whiteout);
            }
        }
        for (PendingLink link : links) {
            link(link);
        }
        // Last, deepest first: everything above changes the times of directories.
        for (PathBytes path : implied.reversed()) {
            inherit(path);
        }
    }

    /// Removes what is in the place of a hidden name, unless something else came there.
    static void removeMark(Fd root, PathBytes whiteout) throws IOException {
        PathBytes name = name(whiteout);
        try (Fd parent = FileCalls.open2(root, parent(whiteout), DIRECTORY, 0, BENEATH)) {
            Optional<Stat> mark = FileCalls.findStat(parent, name);
            if (mark.isPresent() && isMark(mark.get())) {
                quietly(parent, () -> FileCalls.unlink(parent, name));
            }
        }
    }

    private static boolean isMark(Stat stat) {
        return stat.isSocket()
                || (stat.type() == Stat.S_IFCHR && stat.rdevMajor() == 0 && stat.rdevMinor() == 0);
    }

    private void inherit(PathBytes path) throws IOException {
        if (below.isEmpty() || listed.contains(path)) {
            return;
        }
        try (Fd to = findHere(path).orElse(null)) {
            if (to == null) {
                return; // it moved
            }
            try (Fd from =
                    path.equals(ROOT)
                            ? below.topRoot()
                            : below.find(path, DIRECTORY).orElse(null)) {
                if (from != null) {
                    Attributes.copy(from, to);
                }
            }
        }
    }

    // --- links below in the place of implied directories

    private void relocate(PathBytes path) throws IOException {
        if (findHere(path).map(LayerSettlement::close).isEmpty()) {
            return; // it went along with a directory above
        }
        PathBytes target = below.canonical(path);
        if (target.equals(ROOT)) {
            throw new TarFormatException(path + " leads to the root through a symbolic link");
        }
        Optional<Stat> there = below.stat(target);
        if (there.isPresent() && !there.get().isDirectory()) {
            throw new TarFormatException(path + " is not a directory");
        }
        relocated = true;
        ensureDirectory(parent(target));
        move(path, target);
        whiteouts = whiteouts.stream().map(p -> moved(p, path, target)).toList();
        opaques = opaques.stream().map(p -> moved(p, path, target)).toList();
        links =
                links.stream()
                        .map(l ->
                                new PendingLink(
                                        moved(l.name(), path, target),
                                        moved(l.target(), path, target)))
                        .toList();
        // What is implied below comes later in the list and is looked at in its new place.
        implied.replaceAll(p -> moved(p, path, target));
    }

    private static PathBytes moved(PathBytes path, PathBytes from, PathBytes to) {
        if (path.equals(from)) {
            return to;
        }
        if (!path.startsWith(from + "/")) {
            return path;
        }
        byte[] bytes = path.bytes();
        return to.resolve(
                PathBytes.of(java.util.Arrays.copyOfRange(bytes, from.length() + 1, bytes.length)));
    }

    /// Moves a directory's entries into another one, which may exist.
    private void move(PathBytes from, PathBytes to) throws IOException {
        try (Fd fromParent = here(parent(from));
                Fd toParent = here(parent(to))) {
            quietly(
                    fromParent,
                    () ->
                            quietly(
                                    toParent,
                                    () ->
                                            moveEntry(
                                                    new Place(fromParent, name(from), from),
                                                    new Place(toParent, name(to), to))));
        }
    }

    /// A name in an open directory, and where that is in the layer.
    private record Place(Fd directory, PathBytes name, PathBytes path) {
        Place child(Fd opened, PathBytes child) {
            return new Place(opened, child, path.resolve(child));
        }
    }

    private void moveEntry(Place from, Place to) throws IOException {
        Optional<Stat> existing = FileCalls.findStat(to.directory, to.name);
        Stat moving = FileCalls.lstat(from.directory, from.name);
        if (existing.isPresent() && existing.get().isDirectory() && moving.isDirectory()) {
            merge(from, to);
            return;
        }
        if (existing.isPresent()) {
            Directories.deleteTree(to.directory, to.name);
        }
        FileCalls.rename(from.directory, from.name, to.directory, to.name, 0);
    }

    private void merge(Place from, Place to) throws IOException {
        try (Fd source = FileCalls.open2(from.directory, from.name, DIRECTORY, 0, BENEATH);
                Fd sink = FileCalls.open2(to.directory, to.name, DIRECTORY, 0, BENEATH)) {
            boolean sourceListed = !implied.contains(from.path);
            boolean sinkListed = !implied.contains(to.path);
            if (sourceListed && !sinkListed) {
                Attributes.copy(source, sink);
            }
            if (sourceListed || sinkListed) {
                listed.add(to.path);
            }
            quietly(
                    sink,
                    () -> {
                        for (DirectoryEntry entry : Directories.list(source)) {
                            moveEntry(
                                    from.child(source, entry.name()), to.child(sink, entry.name()));
                        }
                    });
        }
        FileCalls.rmdir(from.directory, from.name);
    }

    // --- hard links to lower files

    private void link(PendingLink link) throws IOException {
        PathBytes target = link.target();
        if (!existsHere(target)) {
            target = below.canonical(parent(target)).resolve(name(target));
            target = target.startsWith("./") ? PathBytes.join(target.components()) : target;
            if (whiteouts.contains(target)) {
                moveUp(target, link);
                return;
            }
            if (!existsHere(target)) {
                copyUp(target, link);
            }
        }
        ensureDirectory(parent(link.name()));
        try (Fd from = here(parent(target));
                Fd to = here(parent(link.name()))) {
            PathBytes source = name(target);
            quietly(to, () -> FileCalls.link(from, source, to, name(link.name()), 0));
        } catch (Errno e) {
            throw new TarFormatException(
                    "cannot link " + link.name() + " to " + link.target() + ": " + e.description());
        }
    }

    /// A link to a file that the layer hides: the file has another name now.
    private void moveUp(PathBytes path, PendingLink link) throws IOException {
        PathBytes other = renamed.get(path);
        ensureDirectory(parent(link.name()));
        try (Fd to = here(parent(link.name()))) {
            if (other == null) {
                Stat stat = linkable(path, link);
                quietly(to, () -> copyUp(path, stat, to, name(link.name())));
                renamed.put(path, link.name());
            } else {
                try (Fd from = here(parent(other))) {
                    quietly(to, () -> FileCalls.link(from, name(other), to, name(link.name()), 0));
                }
            }
        }
    }

    private Stat linkable(PathBytes path, PendingLink link) throws IOException {
        Optional<Stat> stat = below.stat(path);
        if (stat.isEmpty() || stat.get().isDirectory()) {
            throw new TarFormatException(
                    "hard link "
                            + link.name()
                            + " to "
                            + link.target()
                            + ": no such file in this layer or below");
        }
        return stat.get();
    }

    private void copyUp(PathBytes path, PendingLink link) throws IOException {
        Stat stat = linkable(path, link);
        ensureDirectory(parent(path));
        try (Fd toDir = here(parent(path))) {
            quietly(toDir, () -> copyUp(path, stat, toDir, name(path)));
        }
    }

    private void copyUp(PathBytes path, Stat stat, Fd toDir, PathBytes name) throws IOException {
        if (stat.isRegular()) {
            try (Fd from =
                            below.find(path, FileCalls.O_RDONLY | FileCalls.O_NOFOLLOW)
                                    .orElseThrow();
                    Fd to =
                            FileCalls.open2(
                                    toDir,
                                    name,
                                    FileCalls.O_WRONLY | FileCalls.O_CREAT | FileCalls.O_EXCL,
                                    0600,
                                    BENEATH)) {
                FileCopies.all(from, to);
                Attributes.copy(from, to);
            }
            return;
        }
        try (Fd fromDir = below.find(parent(path), DIRECTORY).orElseThrow()) {
            if (stat.isSymlink()) {
                FileCalls.symlink(below.readLink(path), toDir, name);
            } else {
                FileCalls.mknod(toDir, name, stat.mode(), stat.rdevMajor(), stat.rdevMinor());
            }
            Attributes.copy(fromDir, name(path), toDir, name);
        }
    }

    // --- directories of this layer

    /// Makes a directory and its missing parents as implied ones.
    private void ensureDirectory(PathBytes path) throws IOException {
        if (path.equals(ROOT)) {
            return;
        }
        try (Fd present = findHere(path).orElse(null)) {
            if (present != null) {
                return;
            }
        }
        ensureDirectory(parent(path));
        try (Fd parent = here(parent(path))) {
            quietly(
                    parent,
                    () -> {
                        FileCalls.mkdir(parent, name(path), 0700);
                        FileCalls.chmod(parent, name(path), 0755);
                    });
        }
        implied.add(path);
    }

    private boolean existsHere(PathBytes path) throws IOException {
        try (Fd parent = findHere(parent(path)).orElse(null)) {
            if (parent == null) {
                return false;
            }
            Optional<Stat> stat = FileCalls.findStat(parent, name(path));
            return stat.isPresent() && !whiteouts.contains(path);
        }
    }

    private Fd here(PathBytes path) throws Errno {
        return FileCalls.open2(root, path, DIRECTORY, 0, BENEATH);
    }

    private Optional<Fd> findHere(PathBytes path) throws Errno {
        try {
            return Optional.of(here(path));
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static boolean close(Fd fd) {
        fd.close();
        return true;
    }

    @FunctionalInterface
    private interface Change {
        void run() throws IOException;
    }

    /// Changes what is in a directory and leaves its time as it was, which may be the tar's.
    private static void quietly(Fd directory, Change change) throws IOException {
        Stat stat = FileCalls.stat(directory);
        change.run();
        FileCalls.times(
                directory,
                stat.modifySeconds(),
                stat.modifyNanos(),
                stat.modifySeconds(),
                stat.modifyNanos());
    }

    private static PathBytes parent(PathBytes path) {
        List<PathBytes> components = path.components();
        return PathBytes.join(components.subList(0, Math.max(0, components.size() - 1)));
    }

    private static PathBytes name(PathBytes path) {
        return path.components().getLast();
    }
}
