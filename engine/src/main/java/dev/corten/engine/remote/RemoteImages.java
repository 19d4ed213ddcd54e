package dev.corten.engine.remote;

import dev.corten.engine.pull.PullMessage;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.registry.client.BlobBody;
import dev.corten.registry.client.RegistryClient;
import dev.corten.registry.client.RemoteManifest;
import dev.corten.registry.client.Repository;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/// Images that stay where they are.
public final class RemoteImages {
    /// Of configurations and what else is read whole.
    private static final int MAX_DOCUMENT = 4 << 20;

    private final RegistryClient client;

    public RemoteImages(RegistryClient client) {
        this.client = client;
    }

    /// An image in a registry, and who asks for it.
    public record Place(Reference name, RegistryCredentials credentials) {
        String tagOrDigest() {
            Reference whole = name.orLatest();
            return whole.digest()
                    .map(Digest::toString)
                    .orElseGet(() -> whole.tag().orElse(Reference.DEFAULT_TAG));
        }
    }

    /// A manifest or an index.
    public record Found(String mediaType, Digest digest, byte[] bytes) {}

    /// The manifest or index under a name, byte for byte.
    public Found manifest(Place place) throws InterruptedException {
        RemoteManifest found =
                client.pull(place.name, place.credentials).manifest(place.tagOrDigest());
        return new Found(found.mediaType(), found.digest(), found.bytes());
    }

    /// A small blob, such as the configuration of an image.
    ///
    /// @param place whose name has a digest
    /// @throws InvalidParameter if it is larger than 4 MiB, or not what its digest says
    public byte[] document(Place place) throws IOException, InterruptedException {
        Digest digest =
                place.name
                        .digest()
                        .orElseThrow(() -> new InvalidParameter("the name has no digest"));
        Repository repository = client.pull(place.name, place.credentials);
        try (BlobBody body = repository.blob(Descriptor.of("", digest, -1), 0)) {
            byte[] bytes = body.in().readNBytes(MAX_DOCUMENT + 1);
            if (bytes.length > MAX_DOCUMENT) {
                throw new InvalidParameter("blob " + digest + " is larger than 4 MiB");
            }
            if (!Digest.of(bytes).equals(digest)) {
                throw new InvalidParameter("blob " + digest + " is not what its digest says");
            }
            return bytes;
        }
    }

    /// Puts a manifest or index under a name.
    ///
    /// @return the digest that the registry has it under
    public Digest put(Place place, String mediaType, byte[] bytes) throws InterruptedException {
        return client.push(place.name, place.credentials)
                .putManifest(place.tagOrDigest(), mediaType, bytes);
    }

    /// Lets a repository have a blob of another one of the same registry.
    ///
    /// @return whether the registry has done so
    public boolean mount(Reference from, Place to, Digest blob) throws InterruptedException {
        Repository target = client.push(to.name, to.credentials);
        return target.has(blob) || target.mount(blob, from);
    }

    /// Copies an image, of all platforms or of one, from registry to registry. What is there already
    /// is not sent again; digests stay what they are.
    ///
    /// @param platform of the one image that is wanted
    /// @param out called by this thread
    /// @return the digest of what was put under the name
    public Digest copy(Place from, Place to, Optional<Platform> platform, Consumer<PullMessage> out)
            throws IOException, InterruptedException {
        Repository source = client.pull(from.name, from.credentials);
        Repository target = client.push(to.name, to.credentials);
        return new ImageCopy(source, target, out)
                .copy(from.tagOrDigest(), to.tagOrDigest(), platform);
    }
}
