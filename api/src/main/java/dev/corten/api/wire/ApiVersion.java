package dev.corten.api.wire;

/// A version of the Engine API.
public record ApiVersion(int major, int minor) implements Comparable<ApiVersion> {
    /// The newest that we speak.
    public static final ApiVersion NEWEST = new ApiVersion(1, 51);

    /// The oldest that we speak unless told otherwise.
    public static final ApiVersion OLDEST = new ApiVersion(1, 24);

    /// Reads `1.44`; what follows the second number has no meaning.
    public static ApiVersion parse(String text) {
        String[] parts = text.split("\\.", -1);
        return new ApiVersion(number(parts, 0), number(parts, 1));
    }

    private static int number(String[] parts, int index) {
        if (index >= parts.length || parts[index].isEmpty() || parts[index].length() > 8) {
            return 0;
        }
        return Integer.parseInt(parts[index]);
    }

    public boolean atLeast(int otherMinor) {
        return compareTo(new ApiVersion(1, otherMinor)) >= 0;
    }

    @Override
    public int compareTo(ApiVersion other) {
        return major != other.major
                ? Integer.compare(major, other.major)
                : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
