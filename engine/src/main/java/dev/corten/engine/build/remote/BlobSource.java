package dev.corten.engine.build.remote;

import dev.corten.model.image.Descriptor;
import java.io.IOException;
import java.io.InputStream;

/// Where layers are fetched from. Thread-safe.
interface BlobSource {
    /// Opens a blob, whose bytes the caller checks; the caller closes it.
    InputStream open(Descriptor blob) throws IOException, InterruptedException;

    /// What it is, for messages.
    String what();
}
