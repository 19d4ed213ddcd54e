/// The daemon's end of a build's connection: frames, channels, what the daemon asks of the client
/// and what it tells it (docs/formats/build-protocol.md).
@org.jspecify.annotations.NullMarked
package dev.corten.api.build;
