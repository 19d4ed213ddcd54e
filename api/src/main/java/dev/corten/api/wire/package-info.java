/// The JSON of the Engine API, for each version of it, to and from the records of `model` and
/// `engine`.
///
/// Start at [ContainerJson]. Output goes through [Json], which writes what Go's encoder writes (key
/// order as given, sorted maps, `null` apart from `[]`, times with trailing zeros cut); input through
/// [JsonInput], which forgives what Go's decoder forgives (keys in any case, unknown keys). Everything
/// that depends on the API version is here and nowhere else. No state, no I/O.
@org.jspecify.annotations.NullMarked
package dev.corten.api.wire;
