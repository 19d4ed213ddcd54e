package dev.corten.build.graph;

import dev.corten.build.work.TreeSource;
import java.util.Optional;

/// Gives the files behind the addresses of `ADD`.
public interface Remote {
    /// A repository or a download.
    ///
    /// @param address as it is written
    /// @param checksum what a download has to have, as `sha256:…`; `""` for any
    /// @param keepGitDirectory whether a repository keeps its `.git`
    /// @return empty if it is the name of a file in the context
    Optional<Found> find(String address, String checksum, boolean keepGitDirectory);

    /// @param directory whether it is a tree, else one file
    record Found(TreeSource source, boolean directory) {}
}
