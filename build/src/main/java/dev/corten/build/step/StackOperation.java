package dev.corten.build.step;

import dev.corten.model.Digest;
import java.time.Instant;
import java.util.Optional;

/// Puts the one layer of its second input on top of its first: `COPY --link`.
///
/// @param clamp that of the steps that made both. Contents say nothing of times: without it, what
///     was made of other files of the same content would do
/// @param fresh whether results of earlier builds do not count
public record StackOperation(Optional<Instant> clamp, boolean fresh) implements BuildOperation {
    @Override
    public Digest definition() {
        var definition = new Definition("stack");
        clamp.ifPresent(time -> definition.text(time.toString()));
        return definition.done();
    }

    @Override
    public boolean alwaysRuns() {
        return fresh;
    }
}
