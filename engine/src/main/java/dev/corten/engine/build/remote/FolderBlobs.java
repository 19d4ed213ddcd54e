package dev.corten.engine.build.remote;

import dev.corten.build.work.Tree;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.PathBytes;
import dev.corten.model.image.Descriptor;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/// A cache in a directory with an OCI image layout.
final class FolderBlobs implements CacheBlobs {
    private static final String REF_NAME = "org.opencontainers.image.ref.name";

    private final Tree tree;
    private final Fd root;

    /// @param tree is closed with this, or if it cannot be opened
    FolderBlobs(Tree tree) throws IOException {
        this.tree = tree;
        boolean opened = false;
        try {
            this.root = tree.open();
            opened = true;
        } finally {
            if (!opened) {
                tree.close();
            }
        }
    }

    @Override
    public byte[] manifest(String tagOrDigest) throws IOException {
        Digest digest =
                tagOrDigest.startsWith("sha256:") ? Digest.parse(tagOrDigest) : named(tagOrDigest);
        byte[] bytes = document("blobs/sha256/" + digest.hex());
        if (!Digest.of(bytes).equals(digest)) {
            throw new InvalidParameter("manifest " + digest + " of the cache is damaged");
        }
        return bytes;
    }

    private Digest named(String tag) throws IOException {
        if (Manifest.parse("index.json", "", document("index.json"))
                instanceof Manifest.OfIndex index) {
            Optional<Descriptor> found =
                    index.manifests().stream()
                            .filter(it -> tag.equals(it.annotations().get(REF_NAME)))
                            .findFirst();
            if (found.isPresent()) {
                return found.get().digest();
            }
        }
        throw new NotFound("there is no cache named " + tag);
    }

    private byte[] document(String path) throws IOException {
        try (InputStream in = open(path)) {
            byte[] bytes = in.readNBytes(Json.MAX_DOCUMENT + 1);
            if (bytes.length > Json.MAX_DOCUMENT) {
                throw new InvalidParameter(path + " of the cache is too large");
            }
            return bytes;
        }
    }

    @Override
    public InputStream open(Descriptor blob) throws IOException {
        return open("blobs/sha256/" + blob.digest().hex());
    }

    private InputStream open(String path) throws IOException {
        try {
            Fd file =
                    FileCalls.open2(
                            root,
                            PathBytes.of(path),
                            FileCalls.O_RDONLY | FileCalls.O_NONBLOCK | FileCalls.O_NOFOLLOW,
                            0,
                            FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS);
            return FileData.inputStream(file);
        } catch (Errno e) {
            if (e.is(Errno.ENOENT)) {
                throw new NotFound("the cache has no " + path, e);
            }
            throw e;
        }
    }

    @Override
    public void close() {
        root.close();
        tree.close();
    }
}
