package dev.corten.build.work;

import dev.corten.build.solve.StepOutput;
import java.io.IOException;
import java.util.Collection;

/// Files that a build begins with and that no step makes: a context of the client, a repository, a
/// download. One for each build; thread-safe.
public interface TreeSource {
    /// Brings the files here, those that are not here yet. Called once at most, and only if a step
    /// needs some of them. An interrupt ends it.
    ///
    /// @param wanted the paths below which files are read, relative, with wildcards as in `COPY`;
    ///     others may be left out. `""` stands for all
    /// @param output hears how it gets on
    /// @return to be closed
    Tree open(Collection<String> wanted, StepOutput output)
            throws IOException, InterruptedException;
}
