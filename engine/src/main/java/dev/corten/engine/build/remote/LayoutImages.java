package dev.corten.engine.build.remote;

import dev.corten.engine.pull.Choice;
import dev.corten.engine.pull.ManifestSource;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.store.Store;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import dev.corten.store.image.Images;
import dev.corten.store.image.Images.StoredManifest;
import dev.corten.store.snapshot.Layers;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Brings images out of the directories of clients. They get no name here, and their layers are kept
/// as long as a build needs them, or an image that was built on them.
public final class LayoutImages {
    private static final String INDEX = "index.json";
    private static final String REF_NAME = "org.opencontainers.image.ref.name";
    private static final String LATEST = "latest";

    private final Store store;

    public LayoutImages(Store store) {
        this.store = store;
    }

    /// An image that is here.
    ///
    /// @param layers keeps them; empty for an image without any
    public record Brought(Image image, Optional<Layers.Pin> layers) implements AutoCloseable {
        @Override
        public void close() {
            layers.ifPresent(Layers.Pin::close);
        }
    }

    /// Brings an image: of its layers those that are not here.
    ///
    /// @param reference `:tag`, `@digest`, both, or nothing
    /// @return to be closed
    /// @throws NotFound if the directory has no such image
    /// @throws InvalidParameter if something in it is not what it claims to be
    public Brought bring(ClientLayout layout, String reference, Platform platform)
            throws IOException, InterruptedException {
        var files = new Files(layout);
        Choice choice =
                Choice.of(files, files.manifest(target(files, reference)), Optional.of(platform));
        if (!(choice.manifest() instanceof Manifest.OfImage manifest)) {
            throw new InvalidParameter("an OCI image layout has no manifests of schema 1");
        }
        Image image = Images.read(files.document(manifest.config().digest()));
        List<Descriptor> blobs = manifest.layers();
        if (blobs.size() != image.diffIds().size()) {
            throw new InvalidParameter("layers from manifest don't match image configuration");
        }
        if (blobs.isEmpty()) {
            return new Brought(image, Optional.empty());
        }
        var wanted = new ArrayList<LayerPull.Wanted>();
        for (int i = 0; i < blobs.size(); i++) {
            wanted.add(new LayerPull.Wanted(blobs.get(i), image.diffIds().get(i)));
        }
        return new Brought(image, Optional.of(new LayerPull(store).pull(files, wanted)));
    }

    /// As buildx has it: a layout with one image needs no name for it.
    private static String target(Files files, String reference)
            throws IOException, InterruptedException {
        int at = reference.indexOf('@');
        if (at >= 0) {
            return Digest.parse(reference.substring(at + 1)).toString();
        }
        String tag = reference.startsWith(":") ? reference.substring(1) : LATEST;
        if (!(Manifest.parse(INDEX, "", files.document(INDEX)) instanceof Manifest.OfIndex index)) {
            throw new InvalidParameter(INDEX + " is no index");
        }
        return index.manifests().stream()
                .filter(member -> tag.equals(member.annotations().get(REF_NAME)))
                .findFirst()
                .or(() ->
                        index.manifests().size() == 1
                                ? Optional.of(index.manifests().getFirst())
                                : Optional.empty())
                .orElseThrow(() -> new NotFound("the OCI image layout has no image named " + tag))
                .digest()
                .toString();
    }

    /// The layout's files, each checked by its digest: documents here, layers by [LayerPull].
    private record Files(ClientLayout layout) implements ManifestSource, BlobSource {
        private byte[] document(String path) throws IOException, InterruptedException {
            try (InputStream in = layout.open(path)) {
                byte[] bytes = in.readNBytes(Json.MAX_DOCUMENT + 1);
                if (bytes.length > Json.MAX_DOCUMENT) {
                    throw new InvalidParameter(
                            path + " is larger than " + Json.MAX_DOCUMENT + " bytes");
                }
                return bytes;
            }
        }

        private byte[] document(Digest digest) throws IOException, InterruptedException {
            byte[] bytes = document(path(digest));
            if (!Digest.of(bytes).equals(digest)) {
                throw new InvalidParameter(path(digest) + " has another digest than its name");
            }
            return bytes;
        }

        private static String path(Digest digest) {
            return "blobs/sha256/" + digest.hex();
        }

        @Override
        public String what() {
            return "an OCI image layout";
        }

        @Override
        public StoredManifest manifest(String digest) throws IOException, InterruptedException {
            Digest wanted = Digest.parse(digest);
            byte[] bytes = document(wanted);
            return new StoredManifest(Descriptor.of("", wanted, bytes.length), bytes);
        }

        @Override
        public InputStream open(Descriptor blob) throws IOException, InterruptedException {
            return layout.open(path(blob.digest()));
        }
    }
}
