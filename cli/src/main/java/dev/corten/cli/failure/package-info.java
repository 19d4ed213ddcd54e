/// How a command ends that cannot go on: three kinds, which `Main` shows differently, and what a
/// file's error is called in them. Imports nothing of ours.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.failure;
