package dev.corten.engine.build.remote;

import dev.corten.model.image.Descriptor;
import java.io.IOException;
import java.io.InputStream;

/// Where the parts of an exported cache are fetched from. Thread-safe.
interface CacheBlobs extends AutoCloseable {
    /// What a name stands for, or a digest.
    ///
    /// @throws dev.corten.model.NotFound if it is not there
    byte[] manifest(String tagOrDigest) throws IOException, InterruptedException;

    /// Opens a blob, whose bytes the caller checks; the caller closes it.
    InputStream open(Descriptor blob) throws IOException, InterruptedException;

    @Override
    void close();
}
