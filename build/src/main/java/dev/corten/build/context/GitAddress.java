package dev.corten.build.context;

import dev.corten.model.InvalidParameter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The address of a repository, as BuildKit understands it.
///
/// @param remote what git is given
/// @param ref a branch, a tag or a commit; `""` for what the repository has as its own
/// @param directory in the repository; `""` for all of it
public record GitAddress(String remote, String ref, String directory) {
    private static final List<String> SCHEMES = List.of("http", "https", "ssh", "git");
    private static final Pattern SCHEME = Pattern.compile("^([a-zA-Z][a-zA-Z0-9+.-]*)://(.*)$");

    /// `git@host:path`, as scp(1) has it.
    private static final Pattern SCP =
            Pattern.compile("^([a-zA-Z0-9_.-]+@[a-zA-Z0-9.-]+:)([^#\\s]+)(?:#(.*))?$");

    /// @return empty if it is no address of a repository
    /// @throws InvalidParameter if it is one that cannot be used
    public static Optional<GitAddress> parse(String text) {
        if (text.startsWith("./") || text.startsWith("../")) {
            return Optional.empty();
        }
        if (text.startsWith("github.com/")) {
            return parse("https://" + text, false);
        }
        return parse(text, true);
    }

    private static Optional<GitAddress> parse(String text, boolean strict) {
        Matcher scp = SCP.matcher(text);
        Matcher scheme = SCHEME.matcher(text);
        String remote;
        String fragment;
        if (scheme.matches()) {
            String kind = scheme.group(1).toLowerCase(Locale.ROOT);
            if (!SCHEMES.contains(kind)) {
                return Optional.empty();
            }
            int hash = text.indexOf('#');
            remote = hash < 0 ? text : text.substring(0, hash);
            fragment = hash < 0 ? "" : text.substring(hash + 1);
            int question = remote.indexOf('?');
            String path = question < 0 ? remote : remote.substring(0, question);
            if (strict && kind.startsWith("http") && !path.endsWith(".git")) {
                return Optional.empty();
            }
        } else if (scp.matches()) {
            remote = scp.group(1) + scp.group(2);
            fragment = scp.group(3) == null ? "" : scp.group(3);
        } else {
            return Optional.empty();
        }
        int colon = fragment.indexOf(':');
        String ref = colon < 0 ? fragment : fragment.substring(0, colon);
        String directory = colon < 0 ? "" : fragment.substring(colon + 1);
        check(remote, ref);
        return Optional.of(new GitAddress(remote, ref, directory));
    }

    /// What git could take for an option or for several arguments.
    private static void check(String remote, String ref) {
        if (ref.startsWith("-") || remote.startsWith("-")) {
            throw new InvalidParameter("invalid git ref: " + ref);
        }
        for (String text : List.of(remote, ref)) {
            if (text.chars().anyMatch(c -> c <= ' ' || c == 0x7F)) {
                throw new InvalidParameter("invalid git address: " + remote + "#" + ref);
            }
        }
    }

    /// The repository for everybody to see: without a name and a password.
    String shown() {
        return remote.replaceFirst("^((?i)https?://)[^/@:]*:[^/@]*@", "$1xxxxx:xxxxx@")
                .replaceFirst("^((?i)https?://)[^/@:]*@", "$1xxxxx@");
    }

    /// Whether the ref is a whole commit ID.
    boolean namesCommit() {
        return ref.matches("[0-9a-f]{40}|[0-9a-f]{64}");
    }

    /// Whether keys are asked for.
    boolean isBySsh() {
        return remote.regionMatches(true, 0, "ssh://", 0, 6) || !remote.contains("://");
    }

    @Override
    public String toString() {
        String fragment = directory.isEmpty() ? ref : ref + ":" + directory;
        return fragment.isEmpty() ? remote : remote + "#" + fragment;
    }
}
