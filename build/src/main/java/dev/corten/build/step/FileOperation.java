package dev.corten.build.step;

import dev.corten.model.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Makes files: `COPY`, `ADD`, `WORKDIR`.
///
/// @param base whether the first input is what it adds to; else it begins with nothing
/// @param clamp times of files that are later are set to this one
/// @param keepsEmpty whether a layer without anything in it is one
/// @param fresh whether results of earlier builds do not count
public record FileOperation(
        boolean base,
        List<FileAction> actions,
        Optional<Instant> clamp,
        boolean keepsEmpty,
        boolean fresh)
        implements BuildOperation {
    public FileOperation {
        actions = List.copyOf(actions);
    }

    @Override
    public Digest definition() {
        var definition = new Definition("file").flag(base).flag(keepsEmpty).number(actions.size());
        actions.forEach(action -> action.describe(definition));
        clamp.ifPresent(time -> definition.text(time.toString()));
        return definition.done();
    }

    @Override
    public boolean readsPartOf(int input) {
        return actions.stream().anyMatch(action -> action.selects(input));
    }

    @Override
    public boolean alwaysRuns() {
        return fresh;
    }
}
