package dev.corten.store;

import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import java.nio.file.Path;

/// All names of the store on disk, under the data root.
///
/// ```
/// lock                                           held (flock) by the daemon that has it open
/// format                                         the number of this layout: "1"
/// content/blobs/sha256/<hex>                     layers and manifests as they came
/// content/blobs/partial/                         blobs being written; emptied at open
/// content/partial/<hex>                          the first bytes of a blob that is being pulled, or
///                                                was; goes at open when it is some days old
/// image/overlay2/imagedb/content/sha256/<hex>    image configurations, byte for byte
/// image/overlay2/layerdb/sha256/<chain>/         cache-id, diff, parent, size; tar-split.json.gz to
///                                                make its tar again; blob it came as, archive-gzip
///                                                and archive-zstd made of it; unsettled if a build
///                                                made it and nothing has been synced since
/// image/overlay2/layerdb/settled                 layers whose unsettled is not valid any more
/// image/overlay2/layerdb/tmp/n<number>/          layer records being written; emptied at open
/// image/overlay2/distribution/                   diffid-by-digest/ and v2metadata-by-diffid/: where
///                                                layers are known to be; hints
/// image/overlay2/repositories.json               names, tag times and parents of images
/// image/overlay2/artifacts.json                  names of artifacts, and their blobs
/// overlay2/<64 hex>/                             a layer: diff/ link lower committed
/// overlay2/<container>/                          a container's: diff/ work/ lower chain, and base if
///                                                it shows the files of another one
/// overlay2/l/<26 characters>                     short links to layers' diff/
/// overlay2/.new/n<number>/                       directories being filled; emptied at open
/// overlay2/.trash/                               directories being deleted; emptied at open
/// builder/records/<id>.<hex>                     what the builder remembers, of whatever driver
/// ```
///
/// With [StorageDriver#COPY] the names are `vfs/content` for `content`, `image/vfs` for
/// `image/overlay2` and `vfs/dir` for `overlay2`; `diff/` is a whole tree, and there is no `work/`.
public record StoreLayout(Path dataRoot, StorageDriver driver) {
    /// Of the whole data root, whatever the driver.
    static final String LOCK = "lock";

    public Path format() {
        return dataRoot.resolve("format");
    }

    public Path blobs() {
        return dataRoot.resolve(driver.content()).resolve("blobs/sha256");
    }

    public Path blob(Digest digest) {
        return blobs().resolve(digest.hex());
    }

    public Path partialBlobs() {
        return dataRoot.resolve(driver.content()).resolve("blobs/partial");
    }

    /// Blobs that come bit by bit, and whose beginning is worth keeping.
    public Path resumable() {
        return dataRoot.resolve(driver.content()).resolve("partial");
    }

    public Path resumable(Digest digest) {
        return resumable().resolve(digest.hex());
    }

    public Path images() {
        return dataRoot.resolve("image").resolve(driver.toString());
    }

    public Path repositories() {
        return images().resolve("repositories.json");
    }

    public Path artifacts() {
        return images().resolve("artifacts.json");
    }

    public Path imageConfigs() {
        return images().resolve("imagedb/content/sha256");
    }

    public Path imageConfig(Digest id) {
        return imageConfigs().resolve(id.hex());
    }

    /// By blobs, the diff IDs of the layers that they are.
    public Path diffIdsByBlob() {
        return images().resolve("distribution/diffid-by-digest/sha256");
    }

    public Path diffIdOfBlob(Digest blob) {
        return diffIdsByBlob().resolve(blob.hex());
    }

    /// By diff IDs, the blobs that layers are in repositories.
    public Path blobsByDiffId() {
        return images().resolve("distribution/v2metadata-by-diffid/sha256");
    }

    public Path blobsOfDiffId(Digest diffId) {
        return blobsByDiffId().resolve(diffId.hex());
    }

    /// For what comes and goes; emptied at open.
    public Path temporary() {
        return dataRoot.resolve("tmp");
    }

    public Path layerRecords() {
        return images().resolve("layerdb/sha256");
    }

    public Path layerRecord(Digest chainId) {
        return layerRecords().resolve(chainId.hex());
    }

    /// Layers that are on disk though their records may still deny it.
    public Path settledLayers() {
        return images().resolve("layerdb/settled");
    }

    /// What the builder remembers: `<id>`, or `<id>.<hex>` if a layer's chain is kept for it.
    public Path buildRecords() {
        return dataRoot.resolve("builder/records");
    }

    public Path newLayerRecords() {
        return images().resolve("layerdb/tmp");
    }

    public Path snapshots() {
        return dataRoot.resolve(driver.directory());
    }

    /// @param cacheId the random name of a committed layer's directory
    public Path layer(String cacheId) {
        return snapshots().resolve(cacheId);
    }

    public Path container(ContainerId id) {
        return snapshots().resolve(id.hex());
    }

    public Path shortLinks() {
        return snapshots().resolve("l");
    }

    public Path newSnapshots() {
        return snapshots().resolve(".new");
    }

    public Path trash() {
        return snapshots().resolve(".trash");
    }
}
