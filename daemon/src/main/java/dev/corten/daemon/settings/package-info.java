/// What a daemon is told: by flags, by `daemon.json`, by the environment.
///
/// Start at [Options], the table of everything that can be said. [CommandLine] reads flags and
/// [ConfigFile] the file, [Settings] is both together. Messages are dockerd's where it has the case,
/// because they are what people search for.
///
/// Plain values, no threads. Knows nothing of what the options do.
@org.jspecify.annotations.NullMarked
package dev.corten.daemon.settings;
