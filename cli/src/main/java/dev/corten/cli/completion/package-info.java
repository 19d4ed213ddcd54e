/// What shells need to complete a command line: the scripts, and the [Names] that fit. What is typed
/// is taken apart by `CompleteCommand`, which knows all commands.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.completion;
