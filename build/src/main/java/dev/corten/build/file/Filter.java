package dev.corten.build.file;

import dev.corten.archive.ignore.IgnoreRules;
import dev.corten.archive.ignore.PathPattern;
import dev.corten.model.InvalidParameter;
import java.util.List;

/// What is taken of a directory. Paths are relative to it.
final class Filter {
    enum Choice {
        TAKE,
        /// A directory that is not wanted itself, but perhaps something in it.
        LOOK_INTO,
        LEAVE
    }

    private final IgnoreRules excluded;

    /// What is wanted; empty for everything.
    private final String wanted;

    private final IgnoreRules included;

    private Filter(IgnoreRules excluded, String wanted, IgnoreRules included) {
        this.excluded = excluded;
        this.wanted = wanted;
        this.included = included;
    }

    static Filter of(List<String> exclude) {
        try {
            return new Filter(IgnoreRules.of(exclude), "", IgnoreRules.NONE);
        } catch (InvalidParameter e) {
            throw new InvalidParameter(
                    "invalid excludepatterns: " + exclude + ": " + e.message(), e);
        }
    }

    /// Only what a pattern matches, and what is in it.
    Filter only(String pattern) {
        return new Filter(excluded, pattern, IgnoreRules.of(List.of(pattern)));
    }

    boolean wantsAll() {
        return wanted.isEmpty();
    }

    boolean excludes(String path) {
        return !excluded.isEmpty() && excluded.ignores(path);
    }

    boolean takesEverything() {
        return wanted.isEmpty() && excluded.isEmpty();
    }

    Choice choose(String path, boolean directory) {
        if (excludes(path)) {
            boolean look = directory && !excluded.ignoresAllIn(path) && mayWantBelow(path);
            return look ? Choice.LOOK_INTO : Choice.LEAVE;
        }
        if (wanted.isEmpty() || included.ignores(path)) {
            return Choice.TAKE;
        }
        return directory && mayWantBelow(path) ? Choice.LOOK_INTO : Choice.LEAVE;
    }

    /// As long as nothing but text comes first, it has to agree.
    private boolean mayWantBelow(String directory) {
        String[] names = directory.split("/");
        String[] pattern = wanted.split("/");
        for (int i = 0; i < names.length && i < pattern.length; i++) {
            if (PathPattern.hasWildcards(pattern[i])) {
                return true;
            }
            if (!pattern[i].equals(names[i])) {
                return wanted.isEmpty();
            }
        }
        return true;
    }
}
