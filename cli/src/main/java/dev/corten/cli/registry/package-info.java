/// The commands that deal with registries themselves: `login`, `logout`, `search`.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.registry;
