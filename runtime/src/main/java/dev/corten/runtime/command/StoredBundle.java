package dev.corten.runtime.command;

import dev.corten.runtime.bundle.Bundle;
import dev.corten.runtime.bundle.BundleReader;
import java.io.IOException;

/// The bundle of a container that exists, as it was when it was created.
final class StoredBundle {
    private StoredBundle() {}

    static Bundle of(Place place, ContainerRecord container) throws IOException {
        return BundleReader.read(place.directory(container.id()), container.id());
    }
}
