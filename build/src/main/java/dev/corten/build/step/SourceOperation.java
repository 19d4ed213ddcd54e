package dev.corten.build.step;

import dev.corten.build.work.TreeSource;
import dev.corten.model.Digest;
import java.util.Collection;

/// Begins with files from elsewhere. What they are is known only when they are here: it is always
/// done, and those who read them are found by what they read.
///
/// @param identity another one for each build
/// @param wanted filled by the time it is carried out
public record SourceOperation(TreeSource source, String identity, Collection<String> wanted)
        implements BuildOperation {
    @Override
    public Digest definition() {
        return new Definition("source").text(identity).done();
    }

    @Override
    public boolean alwaysRuns() {
        return true;
    }
}
