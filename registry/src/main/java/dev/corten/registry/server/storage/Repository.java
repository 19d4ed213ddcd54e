package dev.corten.registry.server.storage;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.registry.RepositoryName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What one repository has: links to blobs, manifests, tags. Keeps nothing in memory; asking for a
/// repository that is not there gives an empty one.
public final class Repository {
    private final RepositoryName name;
    private final Layout layout;
    private final StorageFiles files;
    private final Blobs blobs;

    Repository(RepositoryName name, Layout layout, StorageFiles files, Blobs blobs) {
        this.name = name;
        this.layout = layout;
        this.files = files;
        this.blobs = blobs;
    }

    public RepositoryName name() {
        return name;
    }

    /// Whether it is known at all.
    public boolean exists() {
        return Files.isDirectory(layout.manifests(name)) || Files.isDirectory(layout.layers(name));
    }

    // ---- blobs -----------------------------------------------------------------------------

    /// Whether a blob may be had here.
    public boolean hasLayer(Digest digest) throws IOException {
        return files.exists(layout.layer(name, digest));
    }

    /// As [#hasLayer], and notes that somebody relies on the blob.
    public boolean useLayer(Digest digest) throws IOException {
        return files.use(layout.layer(name, digest), Blobs.BLUR) && blobs.use(digest);
    }

    /// As [#hasLayer], and keeps blob and link from being collected.
    public boolean holdLayer(Digest digest) throws IOException {
        return files.hold(layout.layer(name, digest)) && blobs.hold(digest);
    }

    /// Lets a blob be had here.
    public void linkLayer(Digest digest) throws IOException {
        link(layout.layer(name, digest), digest);
    }

    /// @return whether it was there
    public boolean unlinkLayer(Digest digest) throws IOException {
        return files.delete(layout.layer(name, digest));
    }

    /// All blobs that may be had here, in order.
    public List<Digest> layers() throws IOException {
        return digests(layout.layers(name));
    }

    // ---- manifests -------------------------------------------------------------------------

    public boolean hasManifest(Digest digest) throws IOException {
        return files.exists(layout.revision(name, digest));
    }

    /// As [#hasManifest], and keeps it from being collected.
    public boolean holdManifest(Digest digest) throws IOException {
        return files.hold(layout.revision(name, digest)) && blobs.hold(digest);
    }

    /// A manifest's bytes; empty if it is not here.
    public Optional<byte[]> manifest(Digest digest, int limit) throws IOException {
        return hasManifest(digest) ? blobs.read(digest, limit) : Optional.empty();
    }

    public void putManifest(Digest digest, byte[] content) throws IOException {
        blobs.put(digest, content);
        link(layout.revision(name, digest), digest);
    }

    /// @return whether it was there
    public boolean removeManifest(Digest digest) throws IOException {
        return files.delete(layout.revision(name, digest));
    }

    /// All manifests, in order; those whose link was removed are not among them.
    public List<Digest> manifests() throws IOException {
        return digests(layout.revisions(name));
    }

    // ---- tags ------------------------------------------------------------------------------

    /// What a tag names; empty if there is no such tag.
    public Optional<Digest> tag(String tag) throws IOException {
        return readLink(layout.tagCurrent(name, tag));
    }

    public void setTag(String tag, Digest digest) throws IOException {
        link(layout.tagIndex(name, tag, digest), digest);
        link(layout.tagCurrent(name, tag), digest);
    }

    /// @return whether it was there
    public boolean removeTag(String tag) throws IOException {
        return files.deleteTree(layout.tag(name, tag));
    }

    /// All tags, in order.
    public List<String> tags() throws IOException {
        return StorageFiles.names(layout.tags(name)).stream()
                .filter(RepositoryName::isTag)
                .toList();
    }

    /// Whether it has ever had a tag.
    public boolean hasTags() {
        return Files.isDirectory(layout.tags(name));
    }

    /// The tags that name a manifest.
    public List<String> tagsOf(Digest digest) throws IOException {
        var found = new ArrayList<String>();
        for (String tag : tags()) {
            if (tag(tag).filter(digest::equals).isPresent()) {
                found.add(tag);
            }
        }
        return found;
    }

    private void link(Path link, Digest digest) throws IOException {
        byte[] content = digest.toString().getBytes(US_ASCII);
        Optional<byte[]> present = StorageFiles.read(link);
        if (present.isPresent() && Arrays.equals(present.get(), content) && files.hold(link)) {
            return;
        }
        files.write(link, content);
    }

    /// Empty if it is not there, or holds something else, as after a crash of a server that writes
    /// links in place.
    private static Optional<Digest> readLink(Path link) throws IOException {
        Optional<byte[]> content = StorageFiles.read(link);
        try {
            return content.map(bytes -> Digest.parse(new String(bytes, US_ASCII).strip()));
        } catch (InvalidParameter _) {
            return Optional.empty();
        }
    }

    private static List<Digest> digests(Path directory) throws IOException {
        var digests = new ArrayList<Digest>();
        for (String hex : StorageFiles.names(directory)) {
            if (Files.exists(directory.resolve(hex).resolve("link"))) {
                try {
                    digests.add(new Digest(hex));
                } catch (InvalidParameter _) {
                    // Not ours.
                }
            }
        }
        return digests;
    }
}
