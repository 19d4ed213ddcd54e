/// The `corten` command: Docker's commands, options, output and exit codes, over the API only.
///
/// Start at [Main#run]. [Commands] is the table of commands; each is a [Command] with its
/// [FlagTable], from which parsing and help follow. A command gets an [Invocation]: its parsed
/// [Flags], the [Console] and the daemon. `RunCommand` is the longest way through; [ContainerBody]
/// makes the API's body of its options.
///
/// [Setup] puts together what options, variables, `config.json` and contexts say, and finds the
/// [Daemon]. `--format` is [dev.corten.cli.template]; completion is [CompleteCommand].
///
/// No static state: everything that differs between two runs in one process comes in through
/// [Console] and [Environment]. Start-up time is a feature: nothing on the way of `ps` uses regular
/// expressions, formatters, streams, pattern switches or java.time.
///
/// Arguments and names are text in the form of [dev.corten.model.RawText]; [Output] writes the
/// bytes back exactly.
@org.jspecify.annotations.NullMarked
package dev.corten.cli;
