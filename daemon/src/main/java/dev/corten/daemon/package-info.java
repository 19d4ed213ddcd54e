/// Composition root.
@org.jspecify.annotations.NullMarked
package dev.corten.daemon;
