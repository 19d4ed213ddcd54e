/// The commands that deal with images, and the [Pull] that `run` and `create` need too.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.image;
