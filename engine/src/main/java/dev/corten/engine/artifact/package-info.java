/// OCI artifacts: made of files, sent to registries and fetched from them.
///
/// Start at [dev.corten.engine.artifact.LocalArtifacts] and
/// [dev.corten.engine.artifact.ArtifactTransfers]. Nothing is locked here.
@NullMarked
package dev.corten.engine.artifact;

import org.jspecify.annotations.NullMarked;
