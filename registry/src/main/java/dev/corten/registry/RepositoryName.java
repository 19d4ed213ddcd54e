package dev.corten.registry;

import java.util.Map;
import java.util.regex.Pattern;

/// What a repository is called inside its registry: lower-case words and slashes, 255 letters at
/// most. Such a name is safe as a path below a directory.
public record RepositoryName(String path) implements Comparable<RepositoryName> {
    private static final int MAX_LENGTH = 255;
    private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
    private static final Pattern NAME = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

    /// @throws Refusal if it cannot be one
    public RepositoryName {
        if (!isValid(path)) {
            throw new Refusal(ErrorCode.NAME_INVALID).with(Map.of("name", shortened(path)));
        }
    }

    public static boolean isValid(String path) {
        return path.length() <= MAX_LENGTH && NAME.matcher(path).matches();
    }

    /// Whether it can be the name of a tag, which is safe as a file name then.
    public static boolean isTag(String text) {
        return TAG.matcher(text).matches();
    }

    private static String shortened(String text) {
        return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "…";
    }

    @Override
    public int compareTo(RepositoryName other) {
        return path.compareTo(other.path);
    }

    @Override
    public String toString() {
        return path;
    }
}
