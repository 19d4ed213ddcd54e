/// Sandboxes, containers, execs, images, events.
@org.jspecify.annotations.NullMarked
package dev.corten.engine;
