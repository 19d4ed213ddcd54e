/// The commands that deal with registries themselves: `login`, `logout`, `search`, and our own
/// registry server with an image of it.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.registry;
