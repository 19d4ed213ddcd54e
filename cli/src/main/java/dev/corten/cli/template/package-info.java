/// Go's text/template, the language of `--format`, with Docker's functions.
///
/// [Template#parse] makes a tree of [Node]s out of what [Lexer] and [Parser] find; an [Execution]
/// walks it. What a template sees are [Value]s: JSON, with the Go type that Docker's command line
/// has for it where that shows ([Shape]): a field that JSON leaves out is `nil` or zero to a template,
/// not an error. Errors have Go's words and positions.
///
/// Nothing of this is loaded by a command that prints its usual table.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.template;
