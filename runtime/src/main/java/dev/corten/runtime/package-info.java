/// From an OCI specification to a running container.
///
/// Start at [dev.corten.runtime.Monitors]: `launch` makes a container's monitor and process, which
/// waits; `Monitor.start` lets it run its command. [dev.corten.runtime.Specs] makes the
/// specification from what the engine knows, [dev.corten.runtime.Users] turns names of the image's
/// users into numbers.
///
/// How it works: `ContainerPlan` compiles the specification to a plan, a list of system calls, for
/// the C shim (`docs/formats/shim-protocol.md`). `MountSteps` is its file system, `ProcessSteps`
/// its credentials and command, `ExecPlan` the plan of another process in a container, and
/// `PlanWriter` knows the format. `Zygote` forks monitors; `ShimMonitor` speaks with one. A step
/// that fails comes back as a number, and `Plan` has its words: [dev.corten.runtime.StartFailure].
///
/// What must hold:
/// - The child changes its root before it looks at any path. After that nothing of the host has a
///   name in its mount namespace; binds, control groups and the root itself come by descriptor.
/// - `/proc` is written through an instance that the plan made itself and attached nowhere.
/// - Every descriptor is close-on-exec; a container starts with 0, 1 and 2.
///
/// Threads: one platform thread (`monitors`, in `Connections`) reads what all monitors say and
/// completes futures; all else runs on the caller's thread, virtual ones included. Locks: the
/// zygote's (one fork at a time) and one for each connection, which keeps its socket open during
/// a send; neither is held while the other is taken.
///
/// Files: `<exec-root>/zygote.sock`, `<exec-root>/s/<24 digits of the ID>`, and in the directory
/// that a launch names `exit.json` ([dev.corten.runtime.ExitFile]) and the log, both written by the
/// monitor. It knows nothing of images, networks, restarts or the API.
@org.jspecify.annotations.NullMarked
package dev.corten.runtime;
