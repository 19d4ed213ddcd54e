/// The Linux kernel as Java sees it: what all families of system calls share.
///
/// Start at [Fd] and [Errno]. The families are packages: `file` (names, attributes, contents,
/// xattrs, poll), `socket`, `mount`, `namespace`, `process` (pidfds, signals, capabilities, limits,
/// terminals), `cgroup`, `netlink`, `nft`, `seccomp`.
///
/// Everything is thread-safe unless it says otherwise. Calls that can block for long belong on
/// [BlockingCalls], never on a virtual thread: a downcall pins its carrier. State of a thread
/// (namespaces, credentials) is changed only on threads made for it, see `namespace`.
@org.jspecify.annotations.NullMarked
package dev.corten.kernel;
