/// What becomes of the result of a build: images here or in a registry, archives, files. Start at
/// [Exports].
@NullMarked
package dev.corten.engine.build.output;

import org.jspecify.annotations.NullMarked;
