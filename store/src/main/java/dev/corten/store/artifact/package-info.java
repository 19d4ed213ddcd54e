/// OCI artifacts: files with names and media types under the name of a repository and a tag, that are
/// no images.
///
/// Start at [dev.corten.store.artifact.Artifacts]. Their manifests and files are blobs of `content`;
/// which ones are theirs stands in `artifacts.json`. One lock, for its changes.
@NullMarked
package dev.corten.store.artifact;

import org.jspecify.annotations.NullMarked;
