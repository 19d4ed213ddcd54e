package dev.corten.engine.pull;

import dev.corten.model.image.Descriptor;
import dev.corten.registry.client.BlobBody;
import dev.corten.registry.client.RegistryClient;
import dev.corten.registry.client.RemoteManifest;
import dev.corten.registry.client.Repository;
import dev.corten.store.image.Images.StoredManifest;
import java.util.List;

/// A repository behind the distribution protocol.
public final class RegistrySource implements ImageSource {
    private final Repository repository;

    private RegistrySource(Repository repository) {
        this.repository = repository;
    }

    public static Opener of(RegistryClient client) {
        return (name, credentials) -> new RegistrySource(client.pull(name, credentials));
    }

    @Override
    public StoredManifest manifest(String tagOrDigest) throws InterruptedException {
        RemoteManifest manifest = repository.manifest(tagOrDigest);
        return new StoredManifest(manifest.descriptor(), manifest.bytes());
    }

    @Override
    public Body blob(Descriptor blob, long offset) throws InterruptedException {
        BlobBody body = repository.blob(blob, offset);
        return new Body(body.in(), body.offset(), body.total(), body::close);
    }

    @Override
    public List<String> tags() throws InterruptedException {
        return repository.tags();
    }
}
