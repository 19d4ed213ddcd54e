package dev.corten.engine.build.remote;

import dev.corten.model.image.Descriptor;
import dev.corten.registry.client.BlobBody;
import dev.corten.registry.client.Repository;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// A cache in a registry.
record RegistryBlobs(Repository repository) implements CacheBlobs {
    @Override
    public byte[] manifest(String tagOrDigest) throws InterruptedException {
        return repository.manifest(tagOrDigest).bytes();
    }

    @Override
    public InputStream open(Descriptor blob) throws InterruptedException {
        BlobBody body = repository.blob(blob, 0);
        return new FilterInputStream(body.in()) {
            @Override
            public void close() throws IOException {
                body.close();
            }
        };
    }

    @Override
    public void close() {}
}
