package dev.corten.build.step;

import dev.corten.model.Digest;

/// Puts the one layer of its second input on top of its first: `COPY --link`.
public record StackOperation() implements BuildOperation {
    @Override
    public Digest definition() {
        return new Definition("stack").done();
    }
}
