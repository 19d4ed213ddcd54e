/// The names and IDs by which containers are found, [Names], and those that are made up for
/// containers without.
@org.jspecify.annotations.NullMarked
package dev.corten.engine.container.name;
