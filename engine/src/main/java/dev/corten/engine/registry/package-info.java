/// What clients ask of registries that is not about images of here: start at [Registries]. And how
/// blobs are moved beside each other: [Workers].
@NullMarked
package dev.corten.engine.registry;

import org.jspecify.annotations.NullMarked;
