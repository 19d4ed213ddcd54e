/// Everything that differs between two runs in one process: [Console] is the terminal or what stands
/// in its place, [Environment] the variables; and what is shown there, [Output] for text,
/// [ProgressView] for what gets on, [AttachedStreams] for a container's own streams.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.console;
