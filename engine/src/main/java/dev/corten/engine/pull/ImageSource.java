package dev.corten.engine.pull;

import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.RegistryCredentials;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/// One repository of a registry, as a pull needs it. Thread-safe.
public interface ImageSource extends ManifestSource {
    /// Opens repositories.
    @FunctionalInterface
    interface Opener {
        ImageSource open(Reference name, RegistryCredentials credentials);
    }

    /// The bytes of a blob, from some place on.
    ///
    /// @param offset where it begins: 0 if the registry does not give parts
    /// @param total bytes of the whole blob, negative if the registry does not say
    /// @param end gives back what it came over
    record Body(InputStream in, long offset, long total, Runnable end) implements AutoCloseable {
        @Override
        public void close() {
            end.run();
        }
    }

    Body blob(Descriptor blob, long offset) throws IOException, InterruptedException;

    List<String> tags() throws IOException, InterruptedException;
}
