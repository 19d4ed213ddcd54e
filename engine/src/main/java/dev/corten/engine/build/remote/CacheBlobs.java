package dev.corten.engine.build.remote;

import java.io.IOException;

/// Where the parts of an exported cache are fetched from. Thread-safe.
interface CacheBlobs extends BlobSource, AutoCloseable {
    /// What a name stands for, or a digest.
    ///
    /// @throws dev.corten.model.NotFound if it is not there
    byte[] manifest(String tagOrDigest) throws IOException, InterruptedException;

    @Override
    default String what() {
        return "a cache";
    }

    @Override
    void close();
}
