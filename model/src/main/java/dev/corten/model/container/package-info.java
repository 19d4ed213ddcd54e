/// Containers as users describe them and as they are: the records that travel from the API to the
/// disk and back.
///
/// Start at [ContainerConfig] and [HostConfig]; the names and the order of their components are
/// those of the Engine API v1.51. These two may hold null where the API distinguishes `null` from
/// an empty list and echoes what the client sent; nothing else here does.
@org.jspecify.annotations.NullMarked
package dev.corten.model.container;
