/// Images as the API sees them: the store with the engine's rules and events around it. Start at
/// [Images].
@org.jspecify.annotations.NullMarked
package dev.corten.engine.image;
