package dev.corten.daemon;

import dev.corten.engine.system.CgroupSupport;
import dev.corten.kernel.cgroup.CgroupTree;
import dev.corten.kernel.cgroup.CgroupVersion;
import java.io.IOException;

/// Asks the host's control groups what `info` and the checks of `create` need to know.
final class CgroupFacts {
    private CgroupFacts() {}

    /// @param parent a group that this engine has made: the root of version 2 has no limits
    static CgroupSupport of(CgroupTree tree, String parent) throws IOException {
        boolean unified = tree.version() == CgroupVersion.V2;
        boolean memory = tree.has("memory");
        boolean cpu = tree.has("cpu");
        return new CgroupSupport(
                unified ? "2" : "1",
                memory,
                tree.hasFile(
                        "memory",
                        unified ? "memory.swap.max" : "memory.memsw.limit_in_bytes",
                        parent),
                !unified && tree.hasFile("memory", "memory.kmem.tcp.limit_in_bytes", parent),
                cpu && (unified || tree.hasFile("cpu", "cpu.cfs_period_us", parent)),
                cpu && (unified || tree.hasFile("cpu", "cpu.cfs_quota_us", parent)),
                cpu,
                tree.has("cpuset"),
                tree.has("pids"),
                !unified && tree.hasFile("memory", "memory.oom_control", parent));
    }
}
