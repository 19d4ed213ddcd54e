package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What containers may use of the host, and what happens at the limits.
@ExtendWith(PrivateEngine.class)
class ResourcesTest {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final long MIB = 1 << 20;

    @BeforeAll
    static void limitsAreFiles() {
        Machine.hasControlGroupsOfVersion1();
    }

    // ---------------------------------------------------------------- limits of a new container

    @Test
    @Shows({"RES-01", "RES-02", "RES-03", "RES-05", "RES-06", "RES-08", "RUN-22", "RUN-23"})
    void limitsAreInTheControlGroup(Client docker) {
        String id =
                docker.ok(
                        "run",
                        "-d",
                        "--name",
                        "c1",
                        "-c",
                        "512",
                        "-m",
                        "64m",
                        "--memory-reservation",
                        "32m",
                        "--memory-swap",
                        "96m",
                        "--memory-swappiness",
                        "10",
                        "--cpus",
                        "0.5",
                        "--cpuset-cpus",
                        "0",
                        "--cpuset-mems",
                        "0",
                        "--pids-limit",
                        "77",
                        "busybox",
                        "sleep",
                        "1000");
        assertThat(limit(id, "cpu", "cpu.shares")).isEqualTo("512");
        assertThat(limit(id, "cpu", "cpu.cfs_quota_us")).isEqualTo("50000");
        assertThat(limit(id, "cpu", "cpu.cfs_period_us")).isEqualTo("100000");
        assertThat(limit(id, "cpuset", "cpuset.cpus")).isEqualTo("0");
        assertThat(limit(id, "memory", "memory.limit_in_bytes")).isEqualTo(64 * MIB + "");
        assertThat(limit(id, "memory", "memory.memsw.limit_in_bytes")).isEqualTo(96 * MIB + "");
        assertThat(limit(id, "memory", "memory.soft_limit_in_bytes")).isEqualTo(32 * MIB + "");
        assertThat(limit(id, "memory", "memory.swappiness")).isEqualTo("10");
        assertThat(limit(id, "pids", "pids.max")).isEqualTo("77");
        assertThat(docker.ok("exec", "c1", "nproc")).isEqualTo("1");
    }

    @Test
    @Shows({"RES-05", "RES-10", "RES-04"})
    void quotaDisksAndTheKiller(Client docker) {
        String disk = disk();
        String id =
                docker.ok(
                        "run",
                        "-d",
                        "--cpu-period",
                        "50000",
                        "--cpu-quota",
                        "20000",
                        "--device-read-bps",
                        "/dev/" + disk + ":1mb",
                        "--device-write-iops",
                        "/dev/" + disk + ":50",
                        "--oom-kill-disable",
                        "-m",
                        "64m",
                        "--oom-score-adj",
                        "500",
                        "busybox",
                        "sleep",
                        "1000");
        assertThat(limit(id, "cpu", "cpu.cfs_quota_us")).isEqualTo("20000");
        assertThat(limit(id, "cpu", "cpu.cfs_period_us")).isEqualTo("50000");
        assertThat(limit(id, "blkio", "blkio.throttle.read_bps_device"))
                .isEqualTo(text(Path.of("/sys/block", disk, "dev")) + " " + MIB);
        assertThat(limit(id, "blkio", "blkio.throttle.write_iops_device"))
                .isEqualTo(text(Path.of("/sys/block", disk, "dev")) + " 50");
        assertThat(limit(id, "memory", "memory.oom_control")).contains("oom_kill_disable 1");
        assertThat(docker.ok("exec", id, "cat", "/proc/1/oom_score_adj")).isEqualTo("500");
    }

    @Test
    @Shows({"RES-02", "RES-04"})
    void whoUsesMoreMemoryIsKilled(Client docker) {
        var finished =
                docker.run(
                        "run",
                        "--name",
                        "hog",
                        "-m",
                        "16m",
                        "--memory-swap",
                        "16m",
                        "busybox",
                        "sh",
                        "-c",
                        "x=$(head -c 60000000 /dev/zero | tr '\\0' x)");
        assertThat(finished.status()).isEqualTo(137);
        assertThat(docker.ok("inspect", "-f", "{{.State.OOMKilled}} {{.State.ExitCode}}", "hog"))
                .isEqualTo("true 137");
        var now = Instant.now();
        assertThat(
                        docker.run(
                                        "events",
                                        "--since",
                                        "1h",
                                        "--until",
                                        "%d.%09d".formatted(now.getEpochSecond(), now.getNano()),
                                        "-f",
                                        "container=hog",
                                        "--format",
                                        "{{.Action}}")
                                .lines())
                .containsSubsequence("start", "oom", "die");
    }

    @Test
    @Shows("RES-08")
    void forksEndAtTheLimitOfProcesses(Client docker) {
        docker.ok("run", "-d", "--name", "c1", "--pids-limit", "5", "busybox", "sleep", "1000");
        assertThat(
                        docker.run(
                                        "exec",
                                        "c1",
                                        "sh",
                                        "-c",
                                        "for i in 1 2 3 4 5 6; do sleep 9 & done")
                                .err())
                .contains("can't fork");
        assertThat(docker.ok("inspect", "-f", "{{.State.Running}}", "c1")).isEqualTo("true");
    }

    // ---------------------------------------------------------------- refusals and warnings

    @Test
    @Shows({"RES-03", "RES-05", "RES-06", "RES-07"})
    void wrongLimitsAreRefusedBeforeAnythingIsMade(Api api) {
        Map.ofEntries(
                        Map.entry("\"Memory\":5000000", "Minimum memory limit allowed is 6MB"),
                        Map.entry(
                                "\"Memory\":52428800,\"MemorySwap\":10000000",
                                "Minimum memoryswap limit should be larger than memory limit, see"
                                        + " usage"),
                        Map.entry(
                                "\"MemorySwap\":52428800",
                                "You should always set the Memory limit when using Memoryswap"
                                        + " limit, see usage"),
                        Map.entry(
                                "\"MemorySwappiness\":101",
                                "Invalid value: 101, valid memory swappiness range is 0-100"),
                        Map.entry(
                                "\"MemoryReservation\":3000000",
                                "Minimum memory reservation allowed is 6MB"),
                        Map.entry(
                                "\"CpuShares\":-1",
                                "invalid CPU shares (-1): value must be a positive integer"),
                        Map.entry(
                                "\"NanoCpus\":500000000,\"CpuPeriod\":50000",
                                "Conflicting options: Nano CPUs and CPU Period cannot both be set"),
                        Map.entry(
                                "\"CpuRealtimeRuntime\":20000,\"CpuRealtimePeriod\":10000",
                                "cpu real-time runtime cannot be higher than cpu real-time period"),
                        Map.entry(
                                "\"CpusetCpus\":\"1-0\"",
                                "Invalid value 1-0 for cpuset cpus: invalid format: 1-0"),
                        Map.entry(
                                "\"CpusetCpus\":\"0-999999999\"",
                                "Invalid value 0-999999999 for cpuset cpus: value of out range,"
                                        + " maximum is 8192"),
                        Map.entry(
                                "\"CpusetCpus\":\"4711\"",
                                "Requested CPUs are not available - requested 4711, available: "
                                        + text(CGROUPS.resolve("cpuset/cpuset.cpus"))),
                        Map.entry(
                                "\"CpusetMems\":\"99\"",
                                "Requested memory nodes are not available - requested 99,"
                                        + " available: "
                                        + text(CGROUPS.resolve("cpuset/cpuset.mems"))),
                        Map.entry(
                                "\"IOMaximumIOps\":5",
                                "invalid option: QoS maximum IOPs configuration is not supported"
                                        + " on linux"))
                .forEach((limits, message) -> {
                    var answer = create(api, limits);
                    assertThat(answer.message()).as(limits).isEqualTo(message);
                    assertThat(answer.status()).as(limits).isEqualTo(400);
                });
        var size = create(api, "\"StorageOpt\":{\"size\":\"10G\"}");
        assertThat(size.status()).isEqualTo(500);
        assertThat(size.message())
                .isEqualTo(
                        "--storage-opt is supported only for overlay over xfs with 'pquota' mount"
                                + " option");
        assertThat(api.get("/containers/json?all=1").text()).isEqualTo("[]\n");
    }

    @Test
    @Shows({"RES-04", "RES-09"})
    void doubtfulLimitsAreWarnedOf(Api api) {
        assertThat(create(api, "\"OomKillDisable\":true").json().path("Warnings").toString())
                .isEqualTo(
                        "[\"OOM killer is disabled for the container, but no memory limit is set,"
                                + " this can result in the system running out of resources.\"]");
        // So says Docker of all kernels without the CFQ scheduler.
        if (!Files.exists(CGROUPS.resolve("blkio/blkio.weight"))) {
            assertThat(create(api, "\"BlkioWeight\":300").json().path("Warnings").toString())
                    .isEqualTo(
                            "[\"Your kernel does not support Block I/O weight or the cgroup is not"
                                    + " mounted. Weight discarded.\"]");
        }
        assertThat(create(api, "\"CpuPercent\":10").json().path("Warnings").toString())
                .isEqualTo("[\"linux does not support CPU percent. Percent discarded.\"]");
    }

    @Test
    void whatTheKernelRefusesIsToldAtTheStart(Client docker, Api api) {
        create(api, "\"NanoCpus\":1000000");
        String id = docker.ok("ps", "-aq", "--no-trunc");
        var answer = api.call("POST", "/containers/" + id + "/start");
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.message())
                .startsWith(
                        "failed to create task for container: failed to create shim task: OCI"
                                + " runtime create failed: runc create failed: unable to start"
                                + " container process: error during container init: error setting"
                                + " cgroup config for procHooks process: failed to write \"100\":"
                                + " write /sys/fs/cgroup/cpu/")
                .endsWith("/cpu.cfs_quota_us: invalid argument");
        assertThat(docker.ok("inspect", "-f", "{{.State.ExitCode}} {{.State.Status}}", id))
                .isEqualTo("128 created");
        docker.ok("rm", id);
        create(api, "\"CpuShares\":1");
        id = docker.ok("ps", "-aq");
        assertThat(api.call("POST", "/containers/" + id + "/start").message())
                .endsWith(": the minimum allowed cpu-shares is 2");
    }

    private static Api.Answer create(Api api, String limits) {
        return api.call(
                "POST",
                "/v1.51/containers/create",
                "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"9\"],\"HostConfig\":{"
                        + limits
                        + "}}");
    }

    // ---------------------------------------------------------------- update

    @Test
    @Shows("CTR-43")
    void limitsOfARunningContainerChange(Client docker, Engine engine) {
        String id = docker.ok("run", "-d", "--name", "c1", "-m", "64m", "busybox", "sleep", "1000");
        String pid = docker.ok("inspect", "-f", "{{.State.Pid}}", "c1");
        assertThat(
                        docker.ok(
                                "update",
                                "-m",
                                "80m",
                                "--memory-swap",
                                "100m",
                                "--cpus",
                                "0.5",
                                "--pids-limit",
                                "50",
                                "-c",
                                "256",
                                "--cpuset-cpus",
                                "0",
                                "c1"))
                .isEqualTo("c1");
        assertThat(limit(id, "memory", "memory.limit_in_bytes")).isEqualTo(80 * MIB + "");
        assertThat(limit(id, "memory", "memory.memsw.limit_in_bytes")).isEqualTo(100 * MIB + "");
        assertThat(limit(id, "cpu", "cpu.cfs_quota_us")).isEqualTo("50000");
        assertThat(limit(id, "cpu", "cpu.shares")).isEqualTo("256");
        assertThat(limit(id, "cpuset", "cpuset.cpus")).isEqualTo("0");
        assertThat(limit(id, "pids", "pids.max")).isEqualTo("50");
        assertThat(docker.ok("inspect", "-f", "{{.State.Pid}}", "c1")).isEqualTo(pid);
        docker.ok("update", "--pids-limit", "-1", "c1");
        assertThat(limit(id, "pids", "pids.max")).isEqualTo("max");
        // What was changed stays changed: for the next daemon, and for the next start.
        engine.terminate();
        engine.open();
        docker.ok("restart", "-t", "0", "c1");
        assertThat(limit(id, "memory", "memory.limit_in_bytes")).isEqualTo(80 * MIB + "");
        assertThat(
                        docker.ok(
                                "inspect",
                                "-f",
                                "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}}"
                                        + " {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}",
                                "c1"))
                .isEqualTo(80 * MIB + " " + 100 * MIB + " 500000000 0");
    }

    @Test
    @Shows("CTR-43")
    void anUpdateThatCannotBeMadeChangesNothing(Client docker, Api api) {
        String id = docker.ok("run", "-d", "--name", "c1", "-m", "64m", "busybox", "sleep", "1000");
        var answer =
                api.call(
                        "POST",
                        "/containers/c1/update",
                        "{\"Memory\":83886080,\"MemorySwap\":104857600,\"NanoCpus\":1000000}");
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.message())
                .startsWith("Cannot update container " + id + ": failed to write \"100\": write ");
        assertThat(limit(id, "memory", "memory.limit_in_bytes")).isEqualTo(64 * MIB + "");
        assertThat(limit(id, "memory", "memory.memsw.limit_in_bytes")).isEqualTo(128 * MIB + "");
        assertThat(docker.ok("inspect", "-f", "{{.HostConfig.Memory}}", "c1"))
                .isEqualTo(64 * MIB + "");
        docker.ok("restart", "-t", "0", "c1");
        assertThat(limit(id, "memory", "memory.limit_in_bytes")).isEqualTo(64 * MIB + "");
    }

    @Test
    @Shows("CTR-43")
    void updatesAreRefusedInDockersWords(Client docker, Api api) {
        String id = docker.ok("create", "--name", "c1", "--cpus", "0.5", "busybox");
        List.of(
                        "{\"Memory\":67108864}|409|Memory limit should be smaller than already set"
                                + " memoryswap limit, update the memoryswap at the same time",
                        "{\"CpuQuota\":50000}|409|Conflicting options: CPU Quota cannot be updated"
                                + " as NanoCPUs has already been set",
                        "{\"CpuPeriod\":50000}|409|Conflicting options: CPU Period cannot be"
                                + " updated as NanoCPUs has already been set")
                .forEach(row -> {
                    String[] cells = row.split("\\|");
                    var answer = api.call("POST", "/containers/c1/update", cells[0]);
                    assertThat(answer.status()).isEqualTo(Integer.parseInt(cells[1]));
                    assertThat(answer.message())
                            .isEqualTo("Cannot update container " + id + ": " + cells[2]);
                });
        var small = api.call("POST", "/containers/c1/update", "{\"Memory\":3000000}");
        assertThat(small.status()).isEqualTo(400);
        assertThat(small.message()).isEqualTo("Minimum memory limit allowed is 6MB");
        assertThat(api.call("POST", "/containers/nope/update", "{}").status()).isEqualTo(404);
        assertThat(api.call("POST", "/v1.51/containers/c1/update", "{}").text())
                .isEqualTo("{\"Warnings\":null}\n");
    }

    @Test
    @Shows("CTR-43")
    void cortenUpdates(Client docker, Engine engine) {
        docker.ok("create", "--name", "c1", "busybox");
        Client corten = engine.corten();
        var none = corten.run("update", "c1");
        assertThat(none.status()).isEqualTo(1);
        assertThat(none.err())
                .isEqualTo("you must provide one or more flags when using this command\n");
        var half = corten.run("update", "--pids-limit", "9", "c1", "nope");
        assertThat(half.status()).isEqualTo(1);
        assertThat(half.out()).isEqualTo("c1\n");
        assertThat(half.err()).isEqualTo("Error response from daemon: No such container: nope\n");
        assertThat(docker.ok("inspect", "-f", "{{.HostConfig.PidsLimit}}", "c1")).isEqualTo("9");
    }

    // ---------------------------------------------------------------- devices, parents

    @Test
    @Shows("RES-11")
    void devicesAreThereWithTheirPermissions(Client docker) {
        docker.ok(
                "run",
                "-d",
                "--name",
                "c1",
                "--device",
                "/dev/loop-control:/dev/lc:r",
                "--device-cgroup-rule",
                "c 10:200 rw",
                "busybox",
                "sleep",
                "1000");
        assertThat(docker.ok("exec", "c1", "stat", "-c", "%F", "/dev/lc"))
                .isEqualTo("character special file");
        assertThat(docker.run("exec", "c1", "sh", "-c", "exec 3<>/dev/lc").err())
                .contains("Operation not permitted");
        docker.ok("exec", "c1", "sh", "-c", "exec 3</dev/lc");
        String id = docker.ok("inspect", "-f", "{{.Id}}", "c1");
        assertThat(limit(id, "devices", "devices.list")).contains("c 10:200 rw");
    }

    @Test
    @Shows("RES-11")
    void aDirectoryOfDevicesIsAllOfThem(Client docker) {
        List<String> below;
        try (var files = Files.list(Path.of("/dev/net"))) {
            below = files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(
                        docker.run(
                                "run",
                                "--rm",
                                "--device",
                                "/dev/net:/dev/n",
                                "busybox",
                                "ls",
                                "/dev/n"))
                .satisfies(ls -> assertThat(ls.lines()).isEqualTo(below));
    }

    @Test
    @Shows({"RES-11", "RES-12"})
    void absentDevicesAreNamed(Client docker, Api api) {
        assertThat(docker.run("run", "--rm", "--device", "/dev/nope", "busybox", "true").err())
                .contains(
                        "error gathering device information while adding custom device"
                                + " \"/dev/nope\": no such file or directory");
        assertThat(docker.run("run", "--rm", "--device", "/etc/hosts", "busybox", "true").err())
                .contains(
                        "error gathering device information while adding custom device"
                                + " \"/etc/hosts\": not a device node");
        var gpus = docker.run("run", "--rm", "--gpus", "all", "busybox", "true");
        assertThat(gpus.status()).isEqualTo(125);
        assertThat(gpus.err())
                .contains("could not select device driver \"\" with capabilities: [[gpu]]");
        assertThat(
                        docker.run("run", "--rm", "--device", "vendor.com/gpu=0", "busybox", "true")
                                .err())
                .contains("CDI device injection failed: unresolvable CDI devices vendor.com/gpu=0");
        create(api, "\"DeviceCgroupRules\":[\"bogus\"]");
        String id = docker.ok("ps", "-aq");
        assertThat(api.call("POST", "/containers/" + id + "/start").message())
                .isEqualTo("invalid device cgroup rule format: 'bogus'");
    }

    @Test
    @Shows("RES-13")
    void containersLieBelowTheParentTheyAskFor(Client docker) throws IOException {
        String parent = "corten-parent-" + ProcessHandle.current().pid();
        try {
            for (String form : List.of("/" + parent + "/one", parent + "/two/", "../" + parent)) {
                String id =
                        docker.ok("run", "-d", "--cgroup-parent", form, "busybox", "sleep", "99");
                String path = form.replaceAll("^[./]*", "/").replaceAll("/$", "");
                assertThat(CGROUPS.resolve("memory" + path).resolve(id)).as(form).isDirectory();
                assertThat(docker.ok("exec", id, "true")).isEmpty();
                docker.ok("rm", "-f", id);
                Eventually.holds(
                        "the group goes",
                        () -> Files.notExists(CGROUPS.resolve("memory" + path).resolve(id)));
            }
        } finally {
            for (String below : List.of("/one", "/two", "")) {
                try (var hierarchies = Files.list(CGROUPS)) {
                    for (Path hierarchy : hierarchies.toList()) {
                        Files.deleteIfExists(hierarchy.resolve(parent + below));
                    }
                }
            }
        }
    }

    // ---------------------------------------------------------------- files

    private static String limit(String id, String controller, String file) {
        try (var parents = Files.list(CGROUPS.resolve(controller))) {
            return parents.map(parent -> parent.resolve(id).resolve(file))
                    .filter(Files::exists)
                    .map(ResourcesTest::text)
                    .collect(Collectors.joining("|"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Any that is really one.
    private static String disk() {
        try (var disks = Files.list(Path.of("/sys/block"))) {
            return disks.map(disk -> disk.getFileName().toString())
                    .filter(name -> name.matches("[vs]d[a-z]|nvme.*"))
                    .filter(name -> Files.exists(Path.of("/dev", name)))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
