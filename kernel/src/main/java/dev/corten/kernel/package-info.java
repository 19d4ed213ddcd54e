/// System calls, namespaces, mounts, cgroups, netlink, nftables, seccomp.
@org.jspecify.annotations.NullMarked
package dev.corten.kernel;
