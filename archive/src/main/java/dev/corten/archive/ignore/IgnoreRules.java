package dev.corten.archive.ignore;

import dev.corten.model.InvalidParameter;
import dev.corten.model.RawText;
import java.util.ArrayList;
import java.util.List;

/// Which paths are left out, in the language of `.dockerignore`: a pattern for each line, `!` takes
/// back what was left out before, the last one that matches counts. A pattern that matches a
/// directory matches all that is in it.
///
/// @see <https://docs.docker.com/build/concepts/context/#dockerignore-files>
public final class IgnoreRules {
    /// Leaves nothing out.
    public static final IgnoreRules NONE = new IgnoreRules(List.of());

    /// The largest file of them, in bytes.
    public static final int MAX_BYTES = 4 << 20;

    private record Rule(PathPattern pattern, boolean takesBack, String text) {}

    private final List<Rule> rules;
    private final boolean anyTakesBack;

    private IgnoreRules(List<Rule> rules) {
        this.rules = List.copyOf(rules);
        this.anyTakesBack = rules.stream().anyMatch(Rule::takesBack);
    }

    /// Reads a `.dockerignore`.
    ///
    /// @throws InvalidParameter if a pattern is malformed or the file is too large
    public static IgnoreRules read(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new InvalidParameter(".dockerignore is larger than " + MAX_BYTES + " bytes");
        }
        String text = RawText.decode(bytes);
        if (!text.isEmpty() && text.charAt(0) == '\uFEFF') {
            text = text.substring(1);
        }
        var patterns = new ArrayList<String>();
        for (String line : text.split("\n", -1)) {
            String pattern = line.strip();
            if (!line.startsWith("#") && !pattern.isEmpty()) {
                patterns.add(pattern);
            }
        }
        return of(patterns);
    }

    /// @param patterns those of `--exclude`, or the lines of a file
    /// @throws InvalidParameter if one is malformed
    public static IgnoreRules of(List<String> patterns) {
        var rules = new ArrayList<Rule>();
        for (String written : patterns) {
            String text = written.strip();
            boolean takesBack = text.startsWith("!");
            String path = takesBack ? text.substring(1).strip() : text;
            if (takesBack && path.isEmpty()) {
                throw new InvalidParameter("illegal exclusion pattern: \"!\"");
            }
            if (path.isEmpty()) {
                continue;
            }
            String clean = clean(path);
            PathPattern.parse(clean); // for its complaint: `**` is two `*` there
            rules.add(new Rule(PathPattern.parseDeep(clean), takesBack, written));
        }
        return new IgnoreRules(rules);
    }

    /// Without `.`, `..`, and slashes that mean nothing.
    private static String clean(String path) {
        var names = new ArrayList<String>();
        for (String name : path.split("/")) {
            if (name.equals("..")) {
                if (!names.isEmpty() && !names.getLast().equals("..")) {
                    names.removeLast();
                } else if (!path.startsWith("/")) {
                    names.add(name);
                }
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        return names.isEmpty() ? "." : String.join("/", names);
    }

    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /// @param path from the root of the context, without a slash at its ends
    public boolean ignores(String path) {
        boolean ignored = false;
        for (Rule rule : rules) {
            if (rule.takesBack() == ignored && matchesSelfOrParent(rule.pattern(), path)) {
                ignored = !rule.takesBack();
            }
        }
        return ignored;
    }

    /// Whether nothing in an ignored directory can be taken back, so that nobody needs to look.
    ///
    /// @param directory one that is ignored
    public boolean ignoresAllIn(String directory) {
        if (!anyTakesBack) {
            return true;
        }
        for (Rule rule : rules) {
            if (rule.takesBack() && mayMatchBelow(rule, directory)) {
                return false;
            }
        }
        return true;
    }

    private static boolean matchesSelfOrParent(PathPattern pattern, String path) {
        if (pattern.matches(path)) {
            return true;
        }
        for (int slash = path.lastIndexOf('/');
                slash > 0;
                slash = path.lastIndexOf('/', slash - 1)) {
            if (pattern.matches(path.substring(0, slash))) {
                return true;
            }
        }
        return false;
    }

    /// As long as nothing but text comes first, it has to agree with the directory.
    private static boolean mayMatchBelow(Rule rule, String directory) {
        String text = clean(rule.text().strip().substring(1).strip());
        int wildcard = 0;
        while (wildcard < text.length() && "*?[\\".indexOf(text.charAt(wildcard)) < 0) {
            wildcard++;
        }
        String prefix = text.substring(0, wildcard);
        String below = directory + "/";
        return below.startsWith(prefix) || prefix.startsWith(below);
    }
}
