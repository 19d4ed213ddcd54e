package dev.corten.cli.build;

import dev.corten.cli.failure.Failure;
import dev.corten.kernel.Errno;

/// How a build says that it cannot go on, in the words of buildx.
final class BuildFailures {
    static final String FAILED = "ERROR: failed to build: ";

    private BuildFailures() {}

    static Failure of(String why) {
        return new Failure(FAILED + why);
    }

    /// @param path that could not be opened
    static Failure unreadable(String path, Errno e) {
        return of(
                "failed to solve: failed to read dockerfile: open "
                        + path
                        + ": "
                        + Errno.describe(e.number()));
    }
}
