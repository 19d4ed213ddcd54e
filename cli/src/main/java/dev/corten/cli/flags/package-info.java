/// The options of a command line. A [FlagTable] says which there are; from it follow parsing, which
/// makes [Flags], and help. A [FlagType] says what one takes.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.flags;
