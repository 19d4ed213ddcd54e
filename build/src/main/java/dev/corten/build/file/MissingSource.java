package dev.corten.build.file;

import java.io.IOException;
import java.util.List;

/// What shall be copied is not there.
public final class MissingSource extends IOException {
    private static final long serialVersionUID = 1L;

    private final String path;
    private final transient List<String> nearest;

    /// @param path as it is written
    /// @param nearest names of the same directory that look like it, with its path
    public MissingSource(String path, List<String> nearest) {
        super("\"/" + path.replaceFirst("^/+", "") + "\": not found");
        this.path = path;
        this.nearest = List.copyOf(nearest);
    }

    public String path() {
        return path;
    }

    /// The best first; may be empty.
    public List<String> nearest() {
        return nearest;
    }
}
