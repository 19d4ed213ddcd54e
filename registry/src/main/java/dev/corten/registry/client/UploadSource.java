package dev.corten.registry.client;

import java.io.IOException;
import java.io.InputStream;

/// The content of a blob that is uploaded; may be read more than once, as connections break.
@FunctionalInterface
public interface UploadSource {
    /// The content from a position on. Who asks closes it.
    InputStream open(long offset) throws IOException;
}
