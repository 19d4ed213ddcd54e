/// The commands that deal with the daemon, with objects of any kind (`inspect`, `exists`, `prune`,
/// `df`, `events`), or with none (`init`).
@org.jspecify.annotations.NullMarked
package dev.corten.cli.system;
