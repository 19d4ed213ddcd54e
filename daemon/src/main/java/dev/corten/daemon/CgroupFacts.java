package dev.corten.daemon;

import dev.corten.engine.system.CgroupSupport;
import dev.corten.kernel.cgroup.CgroupTree;
import dev.corten.kernel.cgroup.CgroupVersion;
import java.io.IOException;

/// Asks the host's control groups what `info` and the checks of `create` need to know.
final class CgroupFacts {
    private final CgroupTree tree;
    private final String parent;
    private final boolean unified;

    private CgroupFacts(CgroupTree tree, String parent) {
        this.tree = tree;
        this.parent = parent;
        this.unified = tree.version() == CgroupVersion.V2;
    }

    /// @param parent a group that this engine has made: the root of version 2 has no limits
    static CgroupSupport of(CgroupTree tree, String parent) throws IOException {
        return new CgroupFacts(tree, parent).support();
    }

    private CgroupSupport support() throws IOException {
        // A controller that the kernel has may still not be ours: groups above decide on version 2
        // what they hand down. What the files say holds.
        return new CgroupSupport(
                unified ? "2" : "1",
                has("memory", "memory.limit_in_bytes", "memory.max"),
                has("memory", "memory.memsw.limit_in_bytes", "memory.swap.max"),
                has("memory", "memory.kmem.tcp.limit_in_bytes", ""),
                has("cpu", "cpu.cfs_period_us", "cpu.max"),
                has("cpu", "cpu.cfs_quota_us", "cpu.max"),
                has("cpu", "cpu.shares", "cpu.weight"),
                has("cpuset", "cpuset.cpus", "cpuset.cpus"),
                has("pids", "cgroup.procs", "pids.max"),
                has("memory", "memory.oom_control", ""),
                has("memory", "memory.soft_limit_in_bytes", "memory.low"),
                has("memory", "memory.swappiness", ""),
                has("cpu", "cpu.rt_runtime_us", ""),
                blockIo(),
                list("cpuset.cpus"),
                list("cpuset.mems"));
    }

    private CgroupSupport.BlockIo blockIo() throws IOException {
        return new CgroupSupport.BlockIo(
                // Docker does not count the BFQ scheduler's files of version 1: they are there also
                // if
                // no disk is scheduled by it.
                has("blkio", "blkio.weight", "io.weight") || has("blkio", "", "io.bfq.weight"),
                has("blkio", "blkio.weight_device", "io.bfq.weight"),
                has("blkio", "blkio.throttle.read_bps_device", "io.max"),
                has("blkio", "blkio.throttle.write_bps_device", "io.max"),
                has("blkio", "blkio.throttle.read_iops_device", "io.max"),
                has("blkio", "blkio.throttle.write_iops_device", "io.max"));
    }

    /// @param first the file on version 1
    /// @param second on version 2, empty if it has none
    private boolean has(String controller, String first, String second) throws IOException {
        String file = unified ? second : first;
        return !file.isEmpty() && tree.hasFile(controller, file, parent);
    }

    /// What containers may be bound to: all that the parent has.
    private String list(String file) throws IOException {
        String effective = unified ? file + ".effective" : file;
        return tree.hasFile("cpuset", effective, parent)
                ? tree.open(parent).get("cpuset", effective).orElse("").strip()
                : "";
    }
}
