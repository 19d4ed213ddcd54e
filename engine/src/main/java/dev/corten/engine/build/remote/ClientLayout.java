package dev.corten.engine.build.remote;

import java.io.IOException;
import java.io.InputStream;

/// A directory of a client with an OCI image layout. Thread-safe.
@FunctionalInterface
public interface ClientLayout {
    /// Opens a file of it: `index.json`, or `blobs/sha256/…`. The caller closes it.
    ///
    /// @throws IOException in the client's words if it is not there
    InputStream open(String path) throws IOException, InterruptedException;
}
