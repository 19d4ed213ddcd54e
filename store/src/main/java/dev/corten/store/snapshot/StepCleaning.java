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
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// What is done to the files of a step before they are a layer. Nobody else sees them any more; all is
/// done by descriptors, never through a link.
final class StepCleaning {
    private static final PathBytes ROOT = PathBytes.of(".");
    private static final int DIRECTORY = FileCalls.O_RDONLY | FileCalls.O_DIRECTORY;
    private static final int BENEATH = FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS;

    private StepCleaning() {}

    /// Removes what was put there for the step, and the directories that are only there because of
    /// that.
    ///
    /// @param upper the upper directory of its overlay
    /// @param lower what it lies on
    static void remove(Fd upper, LowerView lower, Set<PathBytes> made) throws IOException {
        List<PathBytes> deepestFirst =
                made.stream()
                        .map(path -> PathBytes.join(path.components()))
                        .filter(path -> !path.isEmpty())
                        .sorted((a, b) -> b.components().size() - a.components().size())
                        .toList();
        for (PathBytes path : deepestFirst) {
            if (remove(upper, path, true)) {
                for (PathBytes above = parent(path); !above.equals(ROOT); above = parent(above)) {
                    if (!isBare(upper, lower, above) || !remove(upper, above, false)) {
                        break;
                    }
                }
            }
        }
    }

    /// Removes the directories above these paths that are in every respect what they are below: a
    /// mount point was made and taken away there.
    static void removeUnchanged(Fd upper, LowerView lower, Set<PathBytes> paths)
            throws IOException {
        for (PathBytes path : paths) {
            if (path.components().isEmpty()) {
                continue;
            }
            PathBytes whole = PathBytes.join(path.components());
            for (PathBytes above = parent(whole); !above.equals(ROOT); above = parent(above)) {
                if (!isUnchanged(upper, lower, above) || !remove(upper, above, false)) {
                    break;
                }
            }
        }
    }

    private static boolean isUnchanged(Fd upper, LowerView lower, PathBytes path)
            throws IOException {
        Optional<Stat> below = lower.stat(path);
        if (below.isEmpty() || !below.get().isDirectory() || !isBare(upper, lower, path)) {
            return false;
        }
        try (Fd directory = FileCalls.open2(upper, path, DIRECTORY, 0, BENEATH)) {
            Stat here = FileCalls.stat(directory);
            // Attributes that are not the overlay's own are not compared: they stay.
            return here.modifySeconds() == below.get().modifySeconds()
                    && here.modifyNanos() == below.get().modifyNanos()
                    && Xattrs.list(directory).stream()
                            .allMatch(name -> name.startsWith("trusted.overlay."));
        }
    }

    /// @param whole with all that is in it
    /// @return whether it was there and is gone
    private static boolean remove(Fd upper, PathBytes path, boolean whole) throws IOException {
        PathBytes name = path.components().getLast();
        try (Fd directory = FileCalls.open2(upper, parent(path), DIRECTORY, 0, BENEATH)) {
            if (FileCalls.findStat(directory, name).isEmpty()) {
                return false;
            }
            Stat before = FileCalls.stat(directory);
            if (whole) {
                Directories.deleteTree(directory, name).orThrow();
            } else {
                FileCalls.rmdir(directory, name);
            }
            FileCalls.times(
                    directory,
                    before.modifySeconds(),
                    before.modifyNanos(),
                    before.modifySeconds(),
                    before.modifyNanos());
            return true;
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                return false;
            }
            throw e;
        }
    }

    /// Whether a directory is empty and says no more than the one below it, if there is one.
    private static boolean isBare(Fd upper, LowerView lower, PathBytes path) throws IOException {
        try (Fd directory = FileCalls.open2(upper, path, DIRECTORY, 0, BENEATH)) {
            if (!Directories.list(directory).isEmpty()
                    || Xattrs.get(directory, LayerUnpack.OPAQUE).isPresent()) {
                return false;
            }
            Optional<Stat> below = lower.stat(path);
            Stat here = FileCalls.stat(directory);
            return below.isEmpty()
                    || (below.get().mode() == here.mode()
                            && below.get().uid() == here.uid()
                            && below.get().gid() == here.gid());
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                return false;
            }
            throw e;
        }
    }

    private static PathBytes parent(PathBytes path) {
        List<PathBytes> names = path.components();
        return names.size() == 1 ? ROOT : PathBytes.join(names.subList(0, names.size() - 1));
    }

    /// Gives what is newer this time, the root too.
    ///
    /// @param which of the relative paths
    static void clamp(Fd root, Instant latest, Predicate<PathBytes> which) throws IOException {
        Deque<PathBytes> left = new ArrayDeque<>();
        left.push(ROOT);
        while (!left.isEmpty()) {
            PathBytes path = left.pop();
            try (Fd directory = FileCalls.open2(root, path, DIRECTORY, 0, BENEATH)) {
                for (DirectoryEntry entry : new ArrayList<>(Directories.list(directory))) {
                    PathBytes name = entry.name();
                    PathBytes child = path.equals(ROOT) ? name : path.resolve(name);
                    Stat stat = FileCalls.lstat(directory, name);
                    if (which.test(child) && isNewer(stat, latest)) {
                        set(directory, name, latest);
                    }
                    if (stat.isDirectory()) {
                        left.push(child);
                    }
                }
            }
        }
        if (isNewer(FileCalls.stat(root), latest)) {
            long seconds = latest.getEpochSecond();
            FileCalls.times(root, seconds, latest.getNano(), seconds, latest.getNano());
        }
    }

    private static boolean isNewer(Stat stat, Instant latest) {
        return Instant.ofEpochSecond(stat.modifySeconds(), stat.modifyNanos()).isAfter(latest);
    }

    private static void set(Fd directory, PathBytes name, Instant time) throws Errno {
        long seconds = time.getEpochSecond();
        FileCalls.times(directory, name, seconds, time.getNano(), seconds, time.getNano());
    }
}
