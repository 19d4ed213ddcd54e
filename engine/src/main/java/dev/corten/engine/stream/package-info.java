/// The clients' streams on their way to a monitor. See [ClientStream].
@org.jspecify.annotations.NullMarked
package dev.corten.engine.stream;
