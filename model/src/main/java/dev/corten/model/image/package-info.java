/// What an image says about itself, and what the store knows of it.
///
/// A collection that a document leaves out or gives as null is null here, as the API echoes the
/// difference between that and an empty one. Start at [Image].
@org.jspecify.annotations.NullMarked
package dev.corten.model.image;
