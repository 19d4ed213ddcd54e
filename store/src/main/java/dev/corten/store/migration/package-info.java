/// Reads the data root of a Docker Engine with the storage driver overlay2: its images, volumes and
/// containers. Nothing in there is written.
@NullMarked
package dev.corten.store.migration;

import org.jspecify.annotations.NullMarked;
