/// Control groups, versions 1 and 2 and both at once.
///
/// Start at [CgroupTree#detect]; a [Cgroup] is a container's. Limits come as
/// `dev.corten.model.oci.Resources`, with the meaning that Docker and runc give them; on version 2
/// they are converted as runc does. Files on disk: `<hierarchy>/<path>`, nothing else.
///
/// Stateless and thread-safe. Attaching on version 1 can take 12 ms, removal waits for the last
/// process: call from platform threads.
@org.jspecify.annotations.NullMarked
package dev.corten.kernel.cgroup;
