/// How a build gets on, for people: what the daemon tells of its steps (`vertexes`, `statuses`,
/// `logs`, `warnings`, in the shape of BuildKit's) on a terminal, in a log, or as it is.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.build.progress;
