package dev.corten.cli.build.context;

import dev.corten.archive.ignore.PathPattern;
import dev.corten.model.InvalidParameter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which files a build wants of a directory: what is at or below certain paths, and where links on
/// the way lead to.
final class Selection {
    enum Place {
        /// Nothing that is wanted is here or below.
        NOWHERE,
        /// On the way to something that is.
        ABOVE,
        /// It is wanted.
        INSIDE
    }

    /// A path, name by name; a name may be a pattern.
    private record Wanted(List<String> names, List<Optional<PathPattern>> patterns) {
        boolean has(int i, String name) {
            Optional<PathPattern> pattern = patterns.get(i);
            return pattern.isPresent() ? pattern.get().matches(name) : names.get(i).equals(name);
        }
    }

    private final List<Wanted> all = new ArrayList<>();
    private boolean everything;

    /// @param paths none: everything
    Selection(List<String> paths) {
        everything = paths.isEmpty();
        for (String path : paths) {
            add(clean(path));
        }
    }

    boolean isEverything() {
        return everything;
    }

    /// @return whether it was not here before
    private boolean add(List<String> names) {
        if (names.isEmpty() || names.contains("**")) {
            boolean news = !everything;
            everything = true;
            return news;
        }
        for (Wanted known : all) {
            if (known.names().equals(names)) {
                return false;
            }
        }
        var patterns = new ArrayList<Optional<PathPattern>>();
        for (String name : names) {
            patterns.add(pattern(name));
        }
        all.add(new Wanted(List.copyOf(names), patterns));
        return true;
    }

    private static Optional<PathPattern> pattern(String name) {
        try {
            return name.indexOf('\\') >= 0 || PathPattern.hasWildcards(name)
                    ? Optional.of(PathPattern.parse(name))
                    : Optional.empty();
        } catch (InvalidParameter e) {
            // The daemon has complained of it, or it is a name like that.
            return Optional.empty();
        }
    }

    /// Without what means nothing; nothing leads above the root.
    static List<String> clean(String path) {
        var names = new ArrayDeque<String>();
        for (String name : path.split("/")) {
            if (name.equals("..")) {
                names.pollLast();
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        return new ArrayList<>(names);
    }

    Place of(List<String> path) {
        if (everything) {
            return Place.INSIDE;
        }
        Place place = Place.NOWHERE;
        for (Wanted wanted : all) {
            int depth = wanted.names().size();
            if (agree(wanted, path, Math.min(depth, path.size()))) {
                if (path.size() >= depth) {
                    return Place.INSIDE;
                }
                place = Place.ABOVE;
            }
        }
        return place;
    }

    private static boolean agree(Wanted wanted, List<String> path, int depth) {
        for (int i = depth - 1; i >= 0; i--) {
            if (!wanted.has(i, path.get(i))) {
                return false;
            }
        }
        return true;
    }

    /// A link is on the way: what it leads to is wanted too.
    ///
    /// @return whether that is news, so that what was passed by already may be wanted now
    boolean follow(List<String> link, String target) {
        if (everything) {
            return false;
        }
        boolean news = false;
        for (Wanted wanted : List.copyOf(all)) {
            int depth = wanted.names().size();
            if (link.size() <= depth && agree(wanted, link, link.size())) {
                var path = new StringBuilder();
                if (!target.startsWith("/")) {
                    path.append(String.join("/", link.subList(0, link.size() - 1))).append('/');
                }
                var names = new ArrayList<>(clean(path.append(target).toString()));
                names.addAll(wanted.names().subList(link.size(), depth));
                news |= add(names);
            }
        }
        return news;
    }
}
