package dev.corten.build.step;

import dev.corten.model.Digest;
import dev.corten.model.image.Image;

/// Begins with an image of the store.
public record ImageOperation(Image image) implements BuildOperation {
    @Override
    public Digest definition() {
        return new Definition("image")
                .text(image.chainId().map(Digest::toString).orElse(""))
                .done();
    }
}
