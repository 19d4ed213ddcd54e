package dev.corten.registry.server.storage;

import dev.corten.model.Digest;
import dev.corten.registry.RepositoryName;
import java.nio.file.Path;

/// The names on disk.
///
/// ```
/// docker/registry/v2/
///   blobs/sha256/ab/<hex>/data
///   repositories/<name>/
///     _layers/sha256/<hex>/link             "sha256:<hex>": this blob may be had here
///     _manifests/revisions/sha256/<hex>/link
///     _manifests/tags/<tag>/current/link
///     _manifests/tags/<tag>/index/sha256/<hex>/link   all that the tag has ever been
///     _uploads/<uuid>/{startedat,data}
///   .corten/                                ours; other servers do not look here
///     temporary/                            files on their way
///     trash/                                what the collection is about to delete
///     collection.lock
/// ```
public final class Layout {
    private final Path root;

    /// @param directory the `rootdirectory` of the settings
    public Layout(Path directory) {
        this.root = directory.toAbsolutePath().normalize().resolve("docker/registry/v2");
    }

    public Path root() {
        return root;
    }

    public Path blobs() {
        return root.resolve("blobs/sha256");
    }

    public Path blob(Digest digest) {
        return blobs().resolve(digest.hex().substring(0, 2)).resolve(digest.hex()).resolve("data");
    }

    public Path repositories() {
        return root.resolve("repositories");
    }

    public Path repository(RepositoryName name) {
        return repositories().resolve(name.path());
    }

    public Path layers(RepositoryName name) {
        return repository(name).resolve("_layers/sha256");
    }

    public Path layer(RepositoryName name, Digest digest) {
        return layers(name).resolve(digest.hex()).resolve("link");
    }

    public Path manifests(RepositoryName name) {
        return repository(name).resolve("_manifests");
    }

    public Path revisions(RepositoryName name) {
        return manifests(name).resolve("revisions/sha256");
    }

    public Path revision(RepositoryName name, Digest digest) {
        return revisions(name).resolve(digest.hex()).resolve("link");
    }

    public Path tags(RepositoryName name) {
        return manifests(name).resolve("tags");
    }

    public Path tag(RepositoryName name, String tag) {
        if (!RepositoryName.isTag(tag)) {
            throw new IllegalArgumentException("no tag: " + tag);
        }
        return tags(name).resolve(tag);
    }

    public Path tagCurrent(RepositoryName name, String tag) {
        return tag(name, tag).resolve("current/link");
    }

    public Path tagIndex(RepositoryName name, String tag, Digest digest) {
        return tag(name, tag).resolve("index/sha256").resolve(digest.hex()).resolve("link");
    }

    public Path uploads(RepositoryName name) {
        return repository(name).resolve("_uploads");
    }

    public Path own() {
        return root.resolve(".corten");
    }

    public Path temporaries() {
        return own().resolve("temporary");
    }

    public Path trash() {
        return own().resolve("trash");
    }

    /// Where a file is while the collection decides about it.
    public Path trash(Path file) {
        return trash().resolve(root.relativize(file));
    }

    /// The inverse of [#trash(Path)].
    public Path fromTrash(Path file) {
        return root.resolve(trash().relativize(file));
    }

    public Path collectionLock() {
        return own().resolve("collection.lock");
    }
}
