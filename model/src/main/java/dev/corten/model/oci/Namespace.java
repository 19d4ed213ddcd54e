package dev.corten.model.oci;

import java.util.Optional;

/// A namespace that the container does not share with the runtime.
///
/// @param path of the namespace to join; absent: a new one. A descriptor given beside the spec
///     takes its place
public record Namespace(Type type, Optional<String> path) {
    /// A new one.
    public Namespace(Type type) {
        this(type, Optional.empty());
    }

    /// The kinds, with their flags for clone(2) and setns(2) from `linux/sched.h`.
    public enum Type {
        PID("pid", 0x20000000L),
        NETWORK("net", 0x40000000L),
        MOUNT("mnt", 0x00020000L),
        IPC("ipc", 0x08000000L),
        UTS("uts", 0x04000000L),
        USER("user", 0x10000000L),
        CGROUP("cgroup", 0x02000000L),
        TIME("time", 0x00000080L);

        private final String file;
        private final long flag;

        Type(String file, long flag) {
            this.file = file;
            this.flag = flag;
        }

        /// The name in `/proc/PID/ns`.
        public String file() {
            return file;
        }

        /// `CLONE_NEW…`.
        public long flag() {
            return flag;
        }
    }
}
