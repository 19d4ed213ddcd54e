/// `artifact`: files in registries that are no images. Podman has it; Docker does not.
@NullMarked
package dev.corten.cli.artifact;

import org.jspecify.annotations.NullMarked;
