/// The client's end of a build's connection: frames, channels, and what the daemon asks on them
/// (docs/formats/build-protocol.md).
@org.jspecify.annotations.NullMarked
package dev.corten.cli.build.session;
