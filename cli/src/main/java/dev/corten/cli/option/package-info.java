/// What the values of options mean, for options with a form of their own: `--mount`, `--network`,
/// `--publish`, `--platform`. Each class reads one form and refuses the rest in Docker's words;
/// [OptionRules] has the short ones. Knows neither which flags there are nor the daemon.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.option;
