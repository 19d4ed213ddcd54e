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
        if (tree.version() == CgroupVersion.V2) {
            return ofVersion2(tree, parent);
        }
        boolean memory = tree.has("memory");
        boolean cpu = tree.has("cpu");
        return new CgroupSupport(
                "1",
                memory,
                tree.hasFile("memory", "memory.memsw.limit_in_bytes", parent),
                tree.hasFile("memory", "memory.kmem.tcp.limit_in_bytes", parent),
                cpu && tree.hasFile("cpu", "cpu.cfs_period_us", parent),
                cpu && tree.hasFile("cpu", "cpu.cfs_quota_us", parent),
                cpu,
                tree.has("cpuset"),
                tree.has("pids"),
                tree.hasFile("memory", "memory.oom_control", parent));
    }

    /// A controller that the kernel has may still not be ours: groups above decide what they hand
    /// down. What the files say holds.
    private static CgroupSupport ofVersion2(CgroupTree tree, String parent) throws IOException {
        boolean bandwidth = tree.hasFile("cpu", "cpu.max", parent);
        return new CgroupSupport(
                "2",
                tree.hasFile("memory", "memory.max", parent),
                tree.hasFile("memory", "memory.swap.max", parent),
                false,
                bandwidth,
                bandwidth,
                tree.hasFile("cpu", "cpu.weight", parent),
                tree.hasFile("cpuset", "cpuset.cpus", parent),
                tree.hasFile("pids", "pids.max", parent),
                false);
    }
}
