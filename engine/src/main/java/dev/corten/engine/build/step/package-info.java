/// Commands of build steps, each in a sandbox of its own that costs a few milliseconds and leaves
/// nothing. Start at [Steps].
@org.jspecify.annotations.NullMarked
package dev.corten.engine.build.step;
