package dev.corten.build.file;

import dev.corten.archive.ignore.PathPattern;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import dev.corten.model.Suggestions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds what a request names.
final class Selection {
    private static final int MOST_SUGGESTIONS = 3;

    private final Fd source;
    private final CopyRequest request;
    private final Filter exclusions;
    private final List<Match> matches = new ArrayList<>();

    private Selection(Fd source, CopyRequest request) {
        this.source = source;
        this.request = request;
        this.exclusions = Filter.of(request.exclude());
    }

    /// In the order in which they are written; what a wildcard matches by its name.
    ///
    /// @throws MissingSource if something is not there
    /// @throws InvalidParameter if the request is wrong by the rules of the classic builder
    static List<Match> of(Fd source, CopyRequest request) throws IOException {
        var selection = new Selection(source, request);
        for (String written : request.sources()) {
            selection.add(written);
        }
        if (request.classic()) {
            selection.check();
        }
        return selection.matches;
    }

    private void check() {
        if (matches.isEmpty() && !request.sources().isEmpty()) {
            throw new InvalidParameter("no source files were specified");
        }
        if (matches.size() > 1 && !request.destination().endsWith("/")) {
            throw new InvalidParameter(
                    "When using COPY with more than one source file, the destination must be a"
                            + " directory and end with a /");
        }
    }

    private void add(String written) throws IOException {
        String path = clean(written);
        if (request.classic() && leavesContext(written)) {
            throw new InvalidParameter(
                    "forbidden path outside the build context: " + written + " ()");
        }
        if (request.parents()) {
            parents(written);
        } else if (PathPattern.hasWildcards(path)) {
            wildcard(path);
        } else {
            matches.add(find(written, path, exclusions));
        }
    }

    /// Without `.`, `..` and slashes that mean nothing; relative to the root, which `..` does not
    /// leave.
    static String clean(String written) {
        var names = new ArrayList<String>();
        for (String name : written.split("/")) {
            if (name.equals("..")) {
                if (!names.isEmpty()) {
                    names.removeLast();
                }
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        return String.join("/", names);
    }

    private static boolean leavesContext(String written) {
        int depth = 0;
        for (String name : written.startsWith("/") ? new String[0] : written.split("/")) {
            if (name.equals("..")) {
                depth--;
            } else if (!name.isEmpty() && !name.equals(".")) {
                depth++;
            }
            if (depth < 0) {
                return true;
            }
        }
        return false;
    }

    // ---- plain paths

    private Match find(String written, String path, Filter filter) throws IOException {
        PathBytes real;
        Optional<Stat> stat;
        try {
            real = RootedPath.resolve(source, PathBytes.of(path));
            stat = RootedPath.stat(source, real);
        } catch (Errno e) {
            if (e.isAny(Errno.ENOTDIR, Errno.ELOOP)) {
                throw missing(written, path);
            }
            throw e;
        }
        if (stat.isEmpty()) {
            throw missing(written, path);
        }
        PathBytes name = path.isEmpty() ? real : RootedPath.name(PathBytes.of(path));
        return new Match(real, name, stat.get(), filter);
    }

    private MissingSource missing(String written, String path) throws IOException {
        String shown = path.isEmpty() ? written : path;
        var nearest = new ArrayList<String>();
        String prefix = path.contains("/") ? path.substring(0, path.lastIndexOf('/') + 1) : "";
        String typed = path.substring(prefix.length());
        var names = new ArrayList<String>();
        try (Fd directory =
                RootedPath.directory(source, RootedPath.resolve(source, PathBytes.of(prefix)))) {
            for (DirectoryEntry entry : Directories.list(directory)) {
                names.add(entry.name().toString());
            }
        } catch (Errno e) {
            if (!e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                throw e;
            }
        }
        // A link that leads nowhere is there, and of no use.
        names.remove(typed);
        names.sort(null);
        for (int i = 0; i < MOST_SUGGESTIONS; i++) {
            String best = Suggestions.nearest(typed, names);
            if (best.isEmpty()) {
                break;
            }
            nearest.add(prefix + best);
            names.remove(best);
        }
        return new MissingSource(shown, nearest);
    }

    // ---- wildcards

    private void wildcard(String path) throws IOException {
        List<String> names = List.of(path.split("/"));
        int first = 0;
        while (!PathPattern.hasWildcards(names.get(first))) {
            first++;
        }
        String before = String.join("/", names.subList(0, first));
        List<PathPattern> patterns =
                names.subList(first, names.size()).stream().map(PathPattern::parse).toList();
        PathBytes base;
        try {
            base = RootedPath.resolve(source, PathBytes.of(before));
        } catch (Errno e) {
            if (e.isAny(Errno.ENOTDIR, Errno.ELOOP)) {
                return;
            }
            throw e;
        }
        Optional<Stat> stat = RootedPath.stat(source, base);
        if (stat.isPresent() && stat.get().isDirectory()) {
            match(base, patterns);
        }
    }

    private void match(PathBytes directory, List<PathPattern> patterns) throws IOException {
        for (DirectoryEntry entry : sorted(directory)) {
            if (!patterns.getFirst().matches(entry.name().toString())) {
                continue;
            }
            PathBytes path = directory.isEmpty() ? entry.name() : directory.resolve(entry.name());
            if (patterns.size() == 1) {
                found(path);
            } else if (isDirectory(path, entry)) {
                match(path, patterns.subList(1, patterns.size()));
            }
        }
    }

    private void found(PathBytes path) throws IOException {
        Match match = find(path.toString(), path.toString(), exclusions);
        // Documented, though BuildKit 0.25 looks into directories only.
        boolean excluded =
                !match.stat().isDirectory() && exclusions.excludes(match.name().toString());
        if (!excluded) {
            matches.add(match);
        }
    }

    private boolean isDirectory(PathBytes path, DirectoryEntry entry) throws Errno {
        return entry.type() == DirectoryEntry.UNKNOWN
                ? RootedPath.stat(source, path).filter(Stat::isDirectory).isPresent()
                : entry.isDirectory();
    }

    private List<DirectoryEntry> sorted(PathBytes directory) throws Errno {
        try (Fd fd = RootedPath.directory(source, directory)) {
            return sorted(fd);
        }
    }

    static List<DirectoryEntry> sorted(Fd directory) throws Errno {
        List<DirectoryEntry> entries = Directories.list(directory);
        entries.sort((a, b) -> a.name().compareTo(b.name()));
        return entries;
    }

    // ---- with parents

    /// The way that is made begins at the root, or at `/./`.
    private void parents(String written) throws IOException {
        int pivot = written.indexOf("/./");
        String base = pivot < 0 ? "" : clean(written.substring(0, pivot));
        String pattern = clean(pivot < 0 ? written : written.substring(pivot + 3));
        if (!PathPattern.hasWildcards(base)) {
            parents(written, base, pattern);
            return;
        }
        int before = matches.size();
        wildcard(base);
        List<Match> bases = List.copyOf(matches.subList(before, matches.size()));
        matches.subList(before, matches.size()).clear();
        for (Match match : bases) {
            if (match.stat().isDirectory()) {
                parents(written, match.path().toString(), pattern);
            }
        }
    }

    private void parents(String written, String base, String pattern) throws IOException {
        Match match = find(written, base, exclusions);
        if (!match.stat().isDirectory()) {
            throw missing(written, base);
        }
        if (pattern.isEmpty()) {
            matches.add(match);
            return;
        }
        if (!PathPattern.hasWildcards(pattern)) {
            require(written, base, match.path(), pattern);
        }
        matches.add(
                new Match(match.path(), match.name(), match.stat(), match.filter().only(pattern)));
    }

    /// Links on the way are no way: nothing below them would be found.
    private void require(String written, String base, PathBytes real, String pattern)
            throws IOException {
        PathBytes path = real.isEmpty() ? PathBytes.of(pattern) : real.resolve(pattern);
        int flags = FileCalls.O_PATH | FileCalls.O_NOFOLLOW;
        try (Fd fd = FileCalls.open2(source, path, flags, 0, RootedPath.BENEATH)) {
            FileCalls.stat(fd);
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                throw missing(written, base.isEmpty() ? pattern : base + "/" + pattern);
            }
            throw e;
        }
    }
}
