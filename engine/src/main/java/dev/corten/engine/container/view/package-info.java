/// What clients are told of containers: values that never change, for the API to put into words.
/// Start at [ContainerView].
@org.jspecify.annotations.NullMarked
package dev.corten.engine.container.view;
