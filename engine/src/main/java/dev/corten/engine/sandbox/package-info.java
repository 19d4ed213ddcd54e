/// Sandboxes: the namespaces that a container owns or joins. Start at [Sandboxes].
@org.jspecify.annotations.NullMarked
package dev.corten.engine.sandbox;
