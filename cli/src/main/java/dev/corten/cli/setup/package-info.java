/// The daemon, and what is known before it is asked. [Setup] puts together what options, variables,
/// `config.json` and contexts say, and finds the [Daemon], which is started if it may be.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.setup;
