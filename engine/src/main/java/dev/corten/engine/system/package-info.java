/// What the engine says of itself and of the host. Start at [SystemInfo].
@org.jspecify.annotations.NullMarked
package dev.corten.engine.system;
