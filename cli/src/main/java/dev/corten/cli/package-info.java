/// The `corten` command: Docker's commands, options, output and exit codes, over the API only.
///
/// Start at [Main#run]. [Commands] is the table of commands, and the only place that knows them all;
/// they are in packages by what they deal with: [dev.corten.cli.container],
/// [dev.corten.cli.image], [dev.corten.cli.registry], [dev.corten.cli.manifest],
/// [dev.corten.cli.volume], [dev.corten.cli.network], [dev.corten.cli.context] and [dev.corten.cli.system]. Each is a `Command`
/// ([dev.corten.cli.command]) with its `FlagTable` ([dev.corten.cli.flags]), from which parsing and
/// help follow. It gets an `Invocation`: its parsed `Flags`, the `Console`
/// ([dev.corten.cli.console]) and the daemon.
///
/// [dev.corten.cli.setup] puts together what options, variables, `config.json` and contexts say, and
/// finds the daemon. Lists are printed by [dev.corten.cli.listing], `--format` is
/// [dev.corten.cli.template]; completion is [CompleteCommand].
///
/// Packages import in one direction, from top to bottom: this one; the commands (`container` uses
/// `image`, so does `manifest`; `system` uses both and `volume`) and `completion`; `credential`; `command`, `listing`;
/// `setup`; `flags`; `console`; `option`; `text`; `failure`.
///
/// No static state: everything that differs between two runs in one process comes in through
/// `Console` and `Environment`. Start-up time is a feature: nothing on the way of `ps` uses regular
/// expressions, formatters, streams, pattern switches or java.time.
///
/// Arguments and names are text in the form of [dev.corten.model.RawText]; `Output` writes the
/// bytes back exactly.
@org.jspecify.annotations.NullMarked
package dev.corten.cli;
