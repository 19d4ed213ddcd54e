/// Parts of a container's specification that follow from its configuration alone: devices, limits,
/// `init`, and how its log is written. `SpecWriter` puts them together.
@org.jspecify.annotations.NullMarked
package dev.corten.engine.container.spec;
