package dev.corten.kernel.cgroup;

/// Which control groups a machine has.
public enum CgroupVersion {
    /// Controllers on version 1 only.
    V1,
    /// Everything on version 2.
    V2,
    /// Controllers on version 1, and a version 2 hierarchy beside them that can freeze and kill.
    HYBRID;

    /// As Docker's `info` says it: `1` or `2`. Hybrid counts as 1.
    public String dockerVersion() {
        return this == V2 ? "2" : "1";
    }
}
