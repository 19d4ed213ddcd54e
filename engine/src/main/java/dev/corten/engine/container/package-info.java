/// Containers from creation to removal. Start at [Containers]. What a request may ask for is in
/// [dev.corten.engine.container.rules], what a container mounts in
/// [dev.corten.engine.container.mount]; `name`, `spec` and `process` are what their names say. None
/// of them imports this one.
///
/// Every container has a lock that guards its fields for microseconds, and an intent (`start`,
/// `remove`) that keeps slow operations on the same container apart without a held lock. Readers
/// get immutable views ([dev.corten.engine.container.view]) and wait for nobody. Each container
/// owns `containers/<id>/` in the data root; what is there is the truth.
///
/// Beside Docker's verbs there are [Mounting], which shows a container's files on the host, and
/// [Debugging], which makes shells for containers that have none.
@org.jspecify.annotations.NullMarked
package dev.corten.engine.container;
