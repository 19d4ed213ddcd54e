/// The contents of a container's files that speak of its network: [ResolvConf] and [HostsFile].
@org.jspecify.annotations.NullMarked
package dev.corten.network.file;
