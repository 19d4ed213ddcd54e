/// Builds of images.
@org.jspecify.annotations.NullMarked
package dev.corten.engine.build;
