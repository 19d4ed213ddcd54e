/// System calls, namespaces, mounts, cgroups, netlink, nftables, seccomp.
module dev.corten.kernel {
    requires static transitive org.jspecify;
    requires transitive dev.corten.model;

    exports dev.corten.kernel.cgroup;
    exports dev.corten.kernel.file;
    exports dev.corten.kernel.mount;
    exports dev.corten.kernel.namespace;
    exports dev.corten.kernel.netlink;
    exports dev.corten.kernel.nft;
    exports dev.corten.kernel.process;
    exports dev.corten.kernel.seccomp;
    exports dev.corten.kernel.socket;
    exports dev.corten.kernel;
}
