package dev.corten.kernel.namespace;

/// The kinds of namespaces, with their `CLONE_*` flag and their name in `/proc/<pid>/ns`.
public enum NamespaceKind {
    MOUNT(0x00020000, "mnt"),
    UTS(0x04000000, "uts"),
    IPC(0x08000000, "ipc"),
    NETWORK(0x40000000, "net"),
    PID(0x20000000, "pid"),
    USER(0x10000000, "user"),
    CGROUP(0x02000000, "cgroup"),
    TIME(0x00000080, "time");

    private final int flag;
    private final String file;

    NamespaceKind(int flag, String file) {
        this.flag = flag;
        this.file = file;
    }

    /// The flag for clone, unshare and setns.
    public int flag() {
        return flag;
    }

    /// The name in `/proc/<pid>/ns`.
    public String file() {
        return file;
    }
}
