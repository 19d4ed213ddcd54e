/// What every command is made of: a [Command] says its flags and is run with an [Invocation]. Knows
/// none of the commands.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.command;
