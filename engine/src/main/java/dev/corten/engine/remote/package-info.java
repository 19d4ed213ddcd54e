/// Registries asked for somebody who wants no image here: manifests as they are, and copies from one
/// registry to another.
///
/// Start at [dev.corten.engine.remote.RemoteImages]. Nothing is kept, nothing is locked.
@NullMarked
package dev.corten.engine.remote;

import org.jspecify.annotations.NullMarked;
