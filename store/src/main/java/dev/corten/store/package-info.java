/// Content, images, layers, snapshots.
@org.jspecify.annotations.NullMarked
package dev.corten.store;
