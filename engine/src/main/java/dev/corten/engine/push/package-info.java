/// Sends images to registries. Start at [Pushes].
@NullMarked
package dev.corten.engine.push;

import org.jspecify.annotations.NullMarked;
