/// The Docker Engine API, v1.24 to v1.51.
///
/// Start at [EngineApi], the handler of every request, and at the route tables of [SystemRoutes],
/// [ContainerRoutes], [ExecRoutes], [ImageRoutes], [NetworkRoutes], [VolumeRoutes] and
/// [SwarmRoutes], one file for each kind of thing. A route declares what kind of object it touches
/// and to what effect, so that authorisation and audit can hook in before its operation runs. An
/// operation is plain blocking code that turns a [Request] into a [Response]; errors are
/// [dev.corten.model.CortenException]s, which [Failures] gives their status.
///
/// Each request has a virtual thread of its own; there is no shared state and no lock here.
@org.jspecify.annotations.NullMarked
package dev.corten.api;
