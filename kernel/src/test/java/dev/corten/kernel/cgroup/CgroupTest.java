package dev.corten.kernel.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Poll;
import dev.corten.kernel.mount.MountInfo;
import dev.corten.model.container.CgroupStats;
import dev.corten.model.oci.DeviceRule;
import dev.corten.model.oci.Resources;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CgroupTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String PARENT =
            "/corten-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime();

    private CgroupTree tree;
    private Cgroup cgroup;

    @BeforeEach
    void create() throws Exception {
        tree = CgroupTree.detect();
        cgroup = tree.create(PARENT + "/one");
    }

    @AfterEach
    void remove() throws Exception {
        cgroup.kill();
        assertThat(tree.open(PARENT).remove(LONG)).isTrue();
        assertThat(tree.open(PARENT).exists()).isFalse();
    }

    private Process start(String... command) throws Exception {
        Process process = new ProcessBuilder(command).start();
        cgroup.add((int) process.pid());
        return process;
    }

    @Test
    void processesAreAddedListedFrozenAndKilled() throws Exception {
        Process first = start("sleep", "600");
        Process second = start("sh", "-c", "sleep 600 & wait");
        assertThat(cgroup.pids()).contains((int) first.pid(), (int) second.pid());
        cgroup.freeze(LONG);
        assertThat(cgroup.isFrozen()).isTrue();
        cgroup.thaw();
        assertThat(cgroup.isFrozen()).isFalse();
        cgroup.freeze(LONG); // the frozen can be killed too
        cgroup.kill();
        assertThat(first.waitFor()).isEqualTo(137);
        assertThat(second.waitFor()).isEqualTo(137);
        assertThat(cgroup.awaitEmpty(LONG)).isTrue();
        assertThat(cgroup.pids()).isEmpty();
        assertThat(cgroup.remove(LONG)).isTrue();
        assertThat(cgroup.remove(LONG)).isTrue();
    }

    @Test
    void removalWaitsForTheLastProcess() throws Exception {
        Process process = start("sleep", "600");
        assertThat(cgroup.remove(Duration.ofMillis(30))).isFalse();
        // The failed removal must not have taken the version 2 part away.
        cgroup.kill();
        assertThat(process.waitFor()).isEqualTo(137);
        assertThat(cgroup.remove(LONG)).isTrue();
    }

    @Test
    void attachmentMovesAProcessThatWritesZero() throws Exception {
        try (Attachment attachment = cgroup.attachment()) {
            assertThat(attachment.procs()).hasSize(tree.hierarchyMounts().size());
            for (Fd procs : attachment.procs()) {
                assertThat(FileCalls.stat(procs).isRegular()).isTrue();
            }
            attachment.directory().ifPresent(directory -> assertThat(directory.isOpen()).isTrue());
        }
        Process process = start("sleep", "600");
        assertThat(tree.pathOf((int) process.pid(), "pids")).contains(cgroup.path());
        assertThat(tree.pathOf((int) process.pid(), "")).contains(cgroup.path());
        process.destroyForcibly().waitFor();
    }

    @Test
    void limitsAreWritten() throws Exception {
        assumeTrue(tree.version() != CgroupVersion.V2, "files of version 1");
        var memory =
                new Resources.Memory(64 << 20, 32 << 20, 128 << 20, 0, OptionalInt.of(30), true);
        var cpu = new Resources.Cpu(512, 50_000, 100_000, 0, 0, 0, "0", "0");
        var resources =
                new Resources(
                        memory,
                        cpu,
                        77,
                        Resources.BlockIo.NONE,
                        List.of(),
                        List.of(
                                new DeviceRule(
                                        false,
                                        'a',
                                        OptionalLong.empty(),
                                        OptionalLong.empty(),
                                        "rwm"),
                                new DeviceRule(
                                        true, 'c', OptionalLong.of(1), OptionalLong.of(3), "rwm")),
                        Map.of());
        cgroup.apply(resources);
        assertThat(cgroup.get("memory", "memory.limit_in_bytes")).contains((64 << 20) + "\n");
        assertThat(cgroup.get("memory", "memory.memsw.limit_in_bytes"))
                .contains((128 << 20) + "\n");
        assertThat(cgroup.get("memory", "memory.soft_limit_in_bytes")).contains((32 << 20) + "\n");
        assertThat(cgroup.get("memory", "memory.swappiness")).contains("30\n");
        assertThat(cgroup.get("memory", "memory.oom_control").orElse(""))
                .contains("oom_kill_disable 1");
        assertThat(cgroup.get("cpu", "cpu.shares")).contains("512\n");
        assertThat(cgroup.get("cpu", "cpu.cfs_quota_us")).contains("50000\n");
        assertThat(cgroup.get("cpuset", "cpuset.cpus")).contains("0\n");
        assertThat(cgroup.get("pids", "pids.max")).contains("77\n");
        assertThat(cgroup.get("devices", "devices.list")).contains("c 1:3 rwm\n");
        CgroupStats stats = cgroup.stats();
        assertThat(stats.memory().limitBytes()).isEqualTo(64 << 20);
        assertThat(stats.pids().limit()).isEqualTo(77);
        // Both limits grow, in the order that the kernel accepts, and then fall again.
        cgroup.apply(onlyMemory(256 << 20, 512 << 20));
        cgroup.apply(onlyMemory(16 << 20, 32 << 20));
        assertThat(cgroup.get("memory", "memory.memsw.limit_in_bytes")).contains((32 << 20) + "\n");
        cgroup.apply(onlyMemory(-1, 0));
        assertThat(cgroup.stats().memory().limitBytes()).isEqualTo(Long.MAX_VALUE);
        assertThatThrownBy(() -> cgroup.set("cpuset", "cpuset.cpus", "4711"))
                .isInstanceOf(LimitRefused.class)
                .hasMessageStartingWith("failed to write \"4711\": write ")
                .hasMessageEndingWith("cpuset.cpus: numerical result out of range");
        assertThatThrownBy(() -> cgroup.set("no_such", "x", "1"))
                .hasMessageContaining("no no_such controller");
    }

    @Test
    void aChangeIsMadeWholeOrNotAtAll() throws Exception {
        assumeTrue(tree.version() != CgroupVersion.V2, "files of version 1");
        cgroup.apply(onlyMemory(64 << 20, 128 << 20));
        var refused =
                new Resources(
                        onlyMemory(256 << 20, 512 << 20).memory(),
                        new Resources.Cpu(512, 50_000, 0, 0, 0, 0, "4711", ""),
                        7,
                        Resources.BlockIo.NONE,
                        List.of(),
                        List.of(),
                        Map.of());
        assertThatThrownBy(() -> cgroup.change(refused)).isInstanceOf(LimitRefused.class);
        assertThat(cgroup.get("memory", "memory.limit_in_bytes")).contains((64 << 20) + "\n");
        assertThat(cgroup.get("memory", "memory.memsw.limit_in_bytes"))
                .contains((128 << 20) + "\n");
        assertThat(cgroup.get("cpu", "cpu.shares")).contains("1024\n");
        assertThat(cgroup.get("cpu", "cpu.cfs_quota_us")).contains("-1\n");
        assertThat(cgroup.get("pids", "pids.max")).contains("max\n");
    }

    @Test
    void sharesOutOfRangeAreRefusedThoughTheKernelTakesThem() {
        assumeTrue(tree.version() != CgroupVersion.V2, "files of version 1");
        assertThatThrownBy(() -> cgroup.change(onlyShares(1)))
                .hasMessage("the minimum allowed cpu-shares is 2");
        assertThatThrownBy(() -> cgroup.change(onlyShares(999_999)))
                .hasMessage("the maximum allowed cpu-shares is 262144");
    }

    private static Resources onlyShares(long shares) {
        return new Resources(
                Resources.Memory.NONE,
                new Resources.Cpu(shares, 0, 0, 0, 0, 0, "", ""),
                0,
                Resources.BlockIo.NONE,
                List.of(),
                List.of(),
                Map.of());
    }

    private static Resources onlyMemory(long limit, long swap) {
        return new Resources(
                new Resources.Memory(limit, 0, swap, 0, OptionalInt.empty(), false),
                Resources.Cpu.NONE,
                0,
                Resources.BlockIo.NONE,
                List.of(),
                List.of(),
                Map.of());
    }

    @Test
    void statsCount() throws Exception {
        // Memory is counted where it was first touched: the shell grows after it was added.
        Process process =
                start("sh", "-c", "read go; x=$(head -c 4000000 /dev/zero | tr '\\0' x); exec cat");
        try (var in = process.outputWriter(StandardCharsets.US_ASCII)) {
            in.write("go\necho\n");
            in.flush();
            assertThat(process.inputReader(StandardCharsets.US_ASCII).readLine()).isEqualTo("echo");
            CgroupStats stats = cgroup.stats();
            assertThat(stats.cpu().totalNanos()).isPositive();
            assertThat(stats.memory().maxUsageBytes()).isGreaterThan(4_000_000);
            assertThat(stats.memory().stat()).isNotEmpty();
            assertThat(stats.pids().current()).isEqualTo(1);
        }
        process.waitFor();
    }

    @Test
    void lackOfMemoryIsNoticed() throws Exception {
        cgroup.apply(
                onlyMemory(
                        8 << 20,
                        tree.hasFile("memory", "memory.memsw.limit_in_bytes", PARENT)
                                ? 8 << 20
                                : 0));
        try (OomWatch watch = cgroup.watchOom()) {
            assertThat(watch.kills()).isZero();
            // The shell enters the group before it grows: 64 MB of zeros in a variable.
            Process process =
                    new ProcessBuilder(
                                    "sh",
                                    "-c",
                                    "read go; x=$(head -c 67108864 /dev/zero | tr '\\0' x); sleep 600")
                            .start();
            cgroup.add((int) process.pid());
            try (var in = process.outputWriter(StandardCharsets.US_ASCII)) {
                in.write("go\n");
            }
            assertThat(Poll.await(watch.fd(), watch.events(), LONG)).isTrue();
            long deadline = System.nanoTime() + LONG.toNanos();
            while (watch.kills() == 0 && System.nanoTime() < deadline) {
                Poll.await(watch.fd(), watch.events(), Duration.ofMillis(50));
            }
            assertThat(watch.kills()).isPositive();
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void nestedGroupsAreRemoved() throws Exception {
        tree.create(cgroup.path() + "/a/b");
        assertThat(cgroup.remove(LONG)).isTrue();
    }

    @Test
    void pathsAreChecked() {
        for (String path : new String[] {"x", "/", "/a/../b", "/a//b", "/a/"}) {
            assertThatThrownBy(() -> tree.open(path)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void versionsAreToldApart() throws Exception {
        String v1 = "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n";
        CgroupTree old = CgroupTree.of(MountInfo.parse(v1.getBytes(StandardCharsets.US_ASCII)));
        assertThat(old.version()).isEqualTo(CgroupVersion.V1);
        assertThat(old.has("cpuacct")).isTrue();
        assertThat(old.has("memory")).isFalse();
        assertThat(old.hierarchyMounts()).containsOnlyKeys("cpu,cpuacct");
        assertThatThrownBy(() -> CgroupTree.of(List.of()))
                .hasMessageContaining("no control groups");
    }

    @Test
    void limitsAreConvertedForVersionTwoAsRuncDoes() {
        assertThat(LimitsV2.weightOfShares(2)).isEqualTo(1);
        assertThat(LimitsV2.weightOfShares(1024)).isEqualTo(100);
        assertThat(LimitsV2.weightOfShares(262144)).isEqualTo(10000);
        assertThat(LimitsV2.swapOnly(100, 300)).isEqualTo(200);
        assertThat(LimitsV2.swapOnly(100, -1)).isEqualTo(-1);
        assertThatThrownBy(() -> LimitsV2.swapOnly(0, 300)).hasMessageContaining("memory limit");
        assertThat(LimitsV2.ioWeight(10)).isEqualTo(1);
        assertThat(LimitsV2.ioWeight(1000)).isEqualTo(10000);
        var io = StatsV2.blockIo("8:0 rbytes=4096 wbytes=12 rios=1 wios=2 dbytes=0 dios=0\n");
        assertThat(io.serviceBytes())
                .containsExactly(
                        new CgroupStats.Entry(8, 0, "read", 4096),
                        new CgroupStats.Entry(8, 0, "write", 12));
    }

    @Test
    void deviceProgramsAreAcceptedAndDecide() throws Exception {
        assumeTrue(cgroup.unifiedDirectory().isPresent(), "no version 2 hierarchy");
        OptionalLong any = OptionalLong.empty();
        DeviceFilter filter =
                DeviceFilter.of(
                        List.of(
                                new DeviceRule(true, 'b', any, any, "rwm"), // before "deny all"
                                new DeviceRule(false, 'a', any, any, "rwm"),
                                new DeviceRule(true, 'c', any, any, "m"),
                                new DeviceRule(
                                        true, 'c', OptionalLong.of(1), OptionalLong.of(3), "r"),
                                new DeviceRule(
                                        true, 'c', OptionalLong.of(1), OptionalLong.of(5), "rwm")));
        try (Fd directory = FileCalls.openDirectory(cgroup.unifiedDirectory().orElseThrow())) {
            filter.attach(directory);
            filter.attach(directory); // replaces
            List<Fd> attached = DeviceFilter.attached(directory);
            attached.forEach(Fd::close);
            assertThat(attached).hasSize(1);
        }
        Process process =
                new ProcessBuilder(
                                "sh",
                                "-c",
                                "read go; (: < /dev/null) && echo read; (: > /dev/null) || echo no;"
                                        + " (: > /dev/zero) && echo zero; (: < /dev/full) || echo full")
                        .redirectErrorStream(false)
                        .start();
        cgroup.add((int) process.pid());
        try (var in = process.outputWriter(StandardCharsets.US_ASCII)) {
            in.write("go\n");
        }
        String output =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        process.waitFor();
        assertThat(output).isEqualTo("read\nno\nzero\nfull\n");
    }

    @Test
    void warmingIsHarmless() throws Exception {
        tree.warm();
        tree.warm();
    }
}
