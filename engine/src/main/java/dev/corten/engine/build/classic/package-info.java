/// Builds as the classic API of Docker tells of them: one step after the other, each with an image
/// of its own, however they are carried out.
@org.jspecify.annotations.NullMarked
package dev.corten.engine.build.classic;
