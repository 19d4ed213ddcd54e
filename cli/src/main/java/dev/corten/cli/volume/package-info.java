/// The commands that deal with volumes; to remove the unused ones is in `system`.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.volume;
