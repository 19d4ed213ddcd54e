package dev.corten.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Fd;
import dev.corten.kernel.cgroup.CgroupTree;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.ConsoleSize;
import dev.corten.model.oci.Mount;
import dev.corten.model.oci.Namespace;
import dev.corten.model.oci.Resources;
import dev.corten.model.oci.Rlimit;
import dev.corten.model.oci.Spec;
import dev.corten.model.oci.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Containers on the real kernel by the real shim.
@Timeout(60)
class ContainersTest {
    private static final String GROUP = "/corten-runtime-test-" + ProcessHandle.current().pid();

    @TempDir static Path directory;
    private static Bundle bundle;
    private static CgroupTree tree;
    private static ShimMonitors monitors;

    @BeforeAll
    static void open() throws Exception {
        bundle = new Bundle(directory, GROUP);
        tree = CgroupTree.detect();
        monitors =
                ShimMonitors.open(
                        Bundle.shim(),
                        directory.resolve("exec"),
                        tree,
                        GROUP + "/monitors",
                        failure -> {
                            throw new AssertionError(failure);
                        });
    }

    @AfterAll
    static void close() throws IOException {
        monitors.close();
        bundle.close();
        assertThat(tree.open(GROUP).remove(Duration.ofSeconds(10))).isTrue();
    }

    private static String run(SpecRequest request) throws Exception {
        return bundle.run(monitors, request).output();
    }

    private static SpecRequest sh(String script) {
        return bundle.request("sh", "-c", script);
    }

    private static SpecRequest as(SpecRequest request, String user) throws IOException {
        SpecRequest.Privileges p = request.privileges();
        try (Fd root = FileCalls.openDirectory(bundle.rootfs.toString())) {
            return Bundle.with(
                    request,
                    new SpecRequest.Privileges(
                            Users.resolve(root, user, List.of()).user(),
                            p.capAdd(),
                            p.capDrop(),
                            p.privileged(),
                            p.noNewPrivileges(),
                            p.seccomp(),
                            p.writableCgroups()));
        }
    }

    @Test
    void exitCodesOutputAndLog() throws Exception {
        try (var client = new Bundle.Client()) {
            Monitor monitor = bundle.launch(monitors, sh("echo hello; echo err >&2; exit 7"));
            monitor.attach(client.attach(Attach.Flag.STDOUT, Attach.Flag.MULTIPLEXED));
            Monitor.Started started = monitor.start();
            assertThat(started.pid()).isPositive();
            assertThat(started.startTime()).isPositive();
            assertThat(client.readAll()).isEqualTo("\1\0\0\0\0\0\0\6hello\n");
            ExitStatus exit = monitor.exit().get(10, TimeUnit.SECONDS);
            assertThat(exit.exitCode()).isEqualTo(7);
            assertThat(exit.oomKilled()).isFalse();
            assertThat(bundle.log(monitor))
                    .contains("{\"log\":\"hello\\n\",\"stream\":\"stdout\",\"time\":\"")
                    .contains("{\"log\":\"err\\n\",\"stream\":\"stderr\",\"time\":\"");
            try (Fd state = FileCalls.openDirectory(bundle.state(monitor).toString())) {
                assertThat(ExitFile.read(state)).contains(exit);
            }
            monitor.bye();
        }
    }

    @Test
    void startFailuresHaveDockersWords() throws Exception {
        Map<List<String>, String> expected = new HashMap<>();
        expected.put(
                List.of("nonexist"),
                "NOT_FOUND exec: \"nonexist\": executable file not found in $PATH");
        expected.put(List.of("/x"), "NOT_FOUND exec: \"/x\": stat /x: no such file or directory");
        expected.put(
                List.of("/etc/plain"), "NOT_EXECUTABLE exec: \"/etc/plain\": permission denied");
        expected.put(
                List.of("/etc"),
                "NOT_EXECUTABLE exec: \"/etc\": is a directory: permission denied");
        for (var entry : expected.entrySet()) {
            Monitor monitor =
                    bundle.launch(monitors, bundle.request(entry.getKey().toArray(String[]::new)));
            assertThatThrownBy(monitor::start)
                    .isInstanceOfSatisfying(
                            StartFailure.class,
                            f ->
                                    assertThat(f.kind() + " " + f.message())
                                            .isEqualTo(entry.getValue()));
            assertThat(bundle.state(monitor).resolve("exit.json")).doesNotExist();
            monitor.bye();
        }
    }

    @Test
    void workingDirectoryIsMadeAndCannotBeADescriptor() throws Exception {
        assertThat(run(Bundle.in(as(sh("pwd; stat -c '%a %u' ."), "web"), "/srv/new")))
                .isEqualTo("/srv/new\n755 0\n");
        for (int fd = 3; fd < 12; fd++) { // CVE-2024-21626
            Monitor monitor =
                    bundle.launch(
                            monitors, Bundle.in(bundle.request("true"), "/proc/self/fd/" + fd));
            assertThatThrownBy(monitor::start)
                    .isInstanceOf(StartFailure.class)
                    .hasMessageContaining("chdir to cwd (\"/proc/self/fd/" + fd + "\")");
            monitor.bye();
        }
    }

    @Test
    void credentialsAreDockers() throws Exception {
        String status = "grep -E '^(Cap|NoNewPrivs|Seccomp:|Groups)' /proc/self/status";
        assertThat(run(as(sh(status), "")))
                .isEqualTo(
                        "Groups:\t0 \nCapInh:\t0000000000000000\nCapPrm:\t00000000a80425fb\n"
                                + "CapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\n"
                                + "CapAmb:\t0000000000000000\nNoNewPrivs:\t0\nSeccomp:\t2\n");
        assertThat(run(as(sh(status), "web")))
                .isEqualTo(
                        "Groups:\t29 1001 \nCapInh:\t0000000000000000\n"
                                + "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"
                                + "CapBnd:\t00000000a80425fb\nCapAmb:\t0000000000000000\n"
                                + "NoNewPrivs:\t0\nSeccomp:\t2\n");
        assertThat(run(as(sh("id; umask; echo x >/dev/stdout"), "web")))
                .isEqualTo("uid=1000(web) gid=1001(web) groups=29(audio),1001(web)\n0022\nx\n");
    }

    @Test
    void noNewPrivilegesAndPrivileged() throws Exception {
        String status = "grep -E '^(NoNewPrivs|Seccomp:)' /proc/self/status";
        var hardened =
                new SpecRequest.Privileges(
                        new User(1000, 1000, List.of(), 022),
                        List.of("net_admin"),
                        List.of("ALL"),
                        false,
                        true,
                        new SpecRequest.SeccompChoice.Standard(),
                        Optional.empty());
        assertThat(run(Bundle.with(sh(status + "; grep CapEff /proc/self/status"), hardened)))
                .isEqualTo("NoNewPrivs:\t1\nSeccomp:\t2\nCapEff:\t0000000000000000\n");
        var privileged =
                new SpecRequest.Privileges(
                        User.ROOT,
                        List.of(),
                        List.of(),
                        true,
                        false,
                        new SpecRequest.SeccompChoice.Standard(),
                        Optional.empty());
        assertThat(
                        run(
                                Bundle.with(
                                        sh(
                                                status
                                                        + "; mkdir /tmp/m && mount -t tmpfs x /tmp/m && echo ok"),
                                        privileged)))
                .isEqualTo("NoNewPrivs:\t0\nSeccomp:\t0\nok\n");
    }

    @Test
    void seccompRefusesWhatDockerRefuses() throws Exception {
        assertThat(run(sh("mkdir -p /tmp/n; mount -t tmpfs x /tmp/n; unshare -U true; echo $?")))
                .contains("Operation not permitted")
                .contains("unshare")
                .endsWith("1\n");
    }

    @Test
    void onlyStandardDescriptorsInside() throws Exception {
        assertThat(run(sh("ls /proc/1/fd; true"))).isEqualTo("0\n1\n2\n");
        assertThat(run(sh("readlink /proc/self/fd/0; cat"))).isEqualTo("/dev/null\n");
    }

    @Test
    void devicesMountsAndMaskedPathsAreDockers() throws Exception {
        assertThat(run(sh("cd /dev && echo *")))
                .isEqualTo(
                        (Files.exists(Path.of("/proc/kcore")) ? "core " : "")
                                + "fd full mqueue null ptmx pts random shm stderr stdin stdout tty"
                                + " urandom zero\n");
        String mounts = run(sh("cat /proc/mounts"));
        assertThat(mounts)
                .contains("proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0")
                .contains("tmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755")
                .contains(
                        "devpts /dev/pts devpts rw,nosuid,noexec,relatime,gid=5,mode=620,"
                                + "ptmxmode=666 0 0")
                .contains("sysfs /sys sysfs ro,nosuid,nodev,noexec,relatime 0 0")
                .contains("mqueue /dev/mqueue mqueue rw,nosuid,nodev,noexec,relatime 0 0")
                .contains("shm /dev/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k")
                .contains("proc /proc/sys proc ro,nosuid,nodev,noexec,relatime 0 0")
                .doesNotContain("/work")
                .doesNotContain(directory.toString());
        assertThat(
                        run(
                                sh(
                                        "echo 1 >/proc/sys/kernel/core_pattern; wc -c </proc/timer_list; "
                                                + "echo b >/proc/sysrq-trigger; ls /sys/firmware | wc -l; hostname")))
                .contains("core_pattern: Read-only file system")
                .endsWith("0\nbox\n");
        assertThat(run(sh("cat /proc/sys/net/ipv4/ip_unprivileged_port_start; echo $$")))
                .isEqualTo("0\n1\n");
        assertThat(
                        run(
                                sh(
                                        "ls -d /sys/fs/cgroup/memory && cat /proc/self/cgroup && "
                                                + "echo 1 >/sys/fs/cgroup/memory/notify_on_release")))
                .contains("memory:" + GROUP)
                .contains("Read-only file system");
    }

    @Test
    void stdinReachesTheContainer() throws Exception {
        try (var client = new Bundle.Client()) {
            Monitor monitor =
                    bundle.launch(
                            monitors, bundle.specs.spec(bundle.request("cat")), Launch.Stdin.ONCE);
            monitor.attach(client.attach(Attach.Flag.STDIN, Attach.Flag.STDOUT));
            monitor.start();
            client.send("ping\n");
            client.endInput();
            assertThat(client.readAll()).isEqualTo("ping\n");
            assertThat(monitor.exit().get(10, TimeUnit.SECONDS).exitCode()).isZero();
            monitor.bye();
        }
    }

    @Test
    void terminals() throws Exception {
        SpecRequest request =
                Bundle.tty(as(sh("stty size; tty; ls -l /dev/console; id -u"), "web"));
        String output = run(request);
        assertThat(output).startsWith("24 80\r\n").contains("/dev/console").contains("1000\r\n");
    }

    @Test
    void execsEnterTheContainer() throws Exception {
        Monitor monitor = bundle.launch(monitors, bundle.request("sleep", "1000"));
        Spec spec = bundle.specs.spec(bundle.request("sleep", "1000"));
        monitor.start();
        assertThat(
                        exec(
                                monitor,
                                spec,
                                false,
                                "sh",
                                "-c",
                                "hostname; id -u; ls /proc/$$/fd; grep -c . /proc/1/status >/dev/null; "
                                        + "grep -E '^(CapEff|Seccomp:)' /proc/self/status; "
                                        + "grep memory: /proc/self/cgroup; exit 3"))
                .startsWith("box\n0\n0\n1\n2\nCapEff:\t00000000a80425fb\nSeccomp:\t2\n")
                .contains("memory:" + GROUP)
                .endsWith("=3");
        assertThat(exec(monitor, spec, true, "sh", "-c", "stty size; test -t 0 && echo terminal"))
                .isEqualTo("30 100\r\nterminal\r\n=0");
        assertThatThrownBy(() -> exec(monitor, spec, false, "nonexist"))
                .isInstanceOf(StartFailure.class)
                .hasMessage("exec: \"nonexist\": executable file not found in $PATH");
        monitor.signal(9);
        ExitStatus exit = monitor.exit().get(10, TimeUnit.SECONDS);
        assertThat(exit.exitCode()).isEqualTo(137);
        assertThat(exit.signal()).isEqualTo(9);
        monitor.bye();
    }

    private static String exec(Monitor monitor, Spec spec, boolean tty, String... args)
            throws Exception {
        try (var client = new Bundle.Client()) {
            ExecRequest request =
                    new ExecRequest(
                            bundle.specs.execProcess(
                                    spec,
                                    List.of(args),
                                    List.of(Bundle.PATH),
                                    PathBytes.of("/"),
                                    User.ROOT,
                                    tty,
                                    tty ? new ConsoleSize(30, 100) : ConsoleSize.UNSET,
                                    false),
                            spec.linux().seccomp(),
                            false,
                            Optional.of(
                                    tty
                                            ? client.attach(Attach.Flag.STDOUT)
                                            : client.attach(
                                                    Attach.Flag.STDOUT, Attach.Flag.STDERR)));
            Monitor.ExecProcess process = monitor.exec(request);
            String output = client.readAll();
            return output + "=" + (process.exit().get(10, TimeUnit.SECONDS) >> 8);
        }
    }

    @Test
    void aLaterDaemonFindsTheMonitor() throws Exception {
        try (var client = new Bundle.Client()) {
            Monitor first =
                    bundle.launch(
                            monitors, bundle.specs.spec(bundle.request("cat")), Launch.Stdin.ONCE);
            Monitor.Started started = first.start();
            Fd given = bundleDirectory();
            first.keep(Map.of("a", given));
            given.close();
            first.close();
            Monitor second = monitors.reconnect(first.id()).orElseThrow();
            assertThat(second.started()).contains(started);
            Map<String, Fd> kept = second.kept();
            assertThat(kept).containsOnlyKeys("a");
            kept.values().forEach(Fd::close);
            second.attach(client.attach(Attach.Flag.STDIN, Attach.Flag.STDOUT));
            client.send("again\n");
            client.endInput();
            assertThat(client.readAll()).isEqualTo("again\n");
            assertThat(second.exit().get(10, TimeUnit.SECONDS).exitCode()).isZero();
            second.bye();
            assertThat(monitors.reconnect(first.id())).isEmpty();
        }
    }

    @Test
    void anExitThatNoDaemonSawIsInTheFile() throws Exception {
        Monitor monitor =
                bundle.launch(monitors, bundle.specs.spec(sh("exit 5")), Launch.Stdin.NONE);
        monitor.start();
        ExitStatus exit = monitor.exit().get(10, TimeUnit.SECONDS);
        monitor.close();
        assertThat(monitors.reconnect(monitor.id())).isEmpty();
        try (Fd state = FileCalls.openDirectory(bundle.state(monitor).toString())) {
            assertThat(ExitFile.read(state)).contains(exit);
        }
    }

    @Test
    void aContainerStartsAgainInTheGroupThatWasKilled() throws Exception {
        Spec spec = bundle.specs.spec(sh("exit 0"));
        for (int i = 0; i < 3; i++) {
            Monitor monitor = bundle.launch(monitors, spec, Launch.Stdin.NONE);
            monitor.start();
            assertThat(monitor.exit().get(10, TimeUnit.SECONDS).exitCode()).isZero();
            monitor.bye();
        }
    }

    private static Fd bundleDirectory() throws IOException {
        return FileCalls.openDirectory(directory.toString());
    }

    @Test
    void memoryAndPidsAreLimited() throws Exception {
        var resources =
                new Resources(
                        new Resources.Memory(
                                32L << 20, 0, 32L << 20, 0, OptionalInt.empty(), false),
                        Resources.Cpu.NONE,
                        20,
                        Resources.BlockIo.NONE,
                        List.of(),
                        List.of(),
                        Map.of());
        var limits =
                new SpecRequest.Limits(
                        resources,
                        List.of(),
                        List.of(new Rlimit(Rlimit.Resource.NOFILE, 100, 200)),
                        Map.of(),
                        OptionalInt.of(500),
                        GROUP + "/limited",
                        Optional.empty());
        Bundle.Result result =
                bundle.run(
                        monitors,
                        Bundle.with(
                                sh(
                                        "cat /sys/fs/cgroup/pids/pids.max; ulimit -n;"
                                                + " cat /proc/self/oom_score_adj;"
                                                + " exec tail /dev/zero"),
                                limits));
        assertThat(result.output()).isEqualTo("20\n100\n500\n");
        assertThat(result.exit().exitCode()).isEqualTo(137);
        assertThat(result.exit().oomKilled()).isTrue();
    }

    @Test
    void bindsAreMadeByDescriptor() throws Exception {
        Path host = Files.createDirectories(directory.resolve("host"));
        Files.writeString(host.resolve("file"), "from the host\n");
        var mounts =
                List.of(
                        new Mount("/mnt/dir", "bind", host.toString(), List.of("rbind", "ro")),
                        new Mount(
                                "/etc/one",
                                "bind",
                                host.resolve("file").toString(),
                                List.of("bind", "rprivate")));
        assertThat(run(fs(sh("cat /mnt/dir/file /etc/one; touch /mnt/dir/x"), mounts, false)))
                .startsWith("from the host\nfrom the host\n")
                .contains("Read-only file system");
        Monitor mismatch =
                bundle.launch(
                        monitors,
                        fs(
                                bundle.request("true"),
                                List.of(
                                        new Mount(
                                                "/etc/passwd",
                                                "bind",
                                                host.toString(),
                                                List.of("bind"))),
                                false));
        assertThatThrownBy(mismatch::start)
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining(
                        "not a directory: Are you trying to mount a directory onto a file");
        mismatch.bye();
        assertThat(run(fs(sh("touch /x; touch /dev/x && echo dev"), List.of(), true)))
                .contains("Read-only file system")
                .endsWith("dev\n");
    }

    private static SpecRequest fs(SpecRequest request, List<Mount> mounts, boolean readonly) {
        return Bundle.with(
                request,
                new SpecRequest.FileSystem(
                        readonly,
                        mounts,
                        Map.of(),
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        List.of()));
    }

    @Test
    void linksInsteadOfProcAreRefused() throws Exception { // CVE-2019-19921
        Path elsewhere = directory.resolve("linked");
        try (var hostile = new Bundle(elsewhere, GROUP)) {
            Files.createSymbolicLink(hostile.rootfs.resolve("proc"), Path.of("tmp"));
            Monitor monitor = hostile.launch(monitors, hostile.request("true"));
            assertThatThrownBy(monitor::start)
                    .isInstanceOf(StartFailure.class)
                    .hasMessage(
                            "error mounting \"proc\" to rootfs at \"/proc\": mount: too many levels"
                                    + " of symbolic links");
            monitor.bye();
        }
    }

    @Test
    void pidNamespacesCanBeJoined() throws Exception {
        Monitor donor = bundle.launch(monitors, bundle.request("sleep", "1000"));
        int pid = donor.start().pid();
        SpecRequest request = sh("ps | grep -c sleep; echo $$");
        SpecRequest joining =
                new SpecRequest(
                        request.command(),
                        request.privileges(),
                        request.fileSystem(),
                        new SpecRequest.Sharing(
                                SpecRequest.Choice.JOIN,
                                SpecRequest.Choice.OWN,
                                SpecRequest.Choice.OWN,
                                SpecRequest.Choice.OWN,
                                SpecRequest.Choice.OWN,
                                "other",
                                ""),
                        request.limits());
        try (var client = new Bundle.Client();
                Fd ns = FileCalls.open("/proc/" + pid + "/ns/pid", FileCalls.O_RDONLY)) {
            Monitor joined =
                    bundle.launch(
                            monitors,
                            bundle.specs.spec(joining),
                            Launch.Stdin.NONE,
                            Map.of(Namespace.Type.PID, ns));
            joined.attach(client.attach(Attach.Flag.STDOUT, Attach.Flag.STDERR));
            joined.start();
            String output = client.readAll();
            assertThat(output.lines().toList().getLast()).isNotEqualTo("1");
            assertThat(joined.exit().get(10, TimeUnit.SECONDS).exitCode()).isZero();
            joined.bye();
        }
        donor.signal(9);
        donor.exit().get(10, TimeUnit.SECONDS);
        donor.bye();
    }

    @Test
    void privateCgroupNamespace() throws Exception {
        SpecRequest r = sh("cat /proc/self/cgroup; ls /sys/fs/cgroup/memory/memory.limit_in_bytes");
        SpecRequest own =
                new SpecRequest(
                        r.command(),
                        r.privileges(),
                        r.fileSystem(),
                        new SpecRequest.Sharing(
                                SpecRequest.Choice.OWN,
                                SpecRequest.Choice.OWN,
                                SpecRequest.Choice.OWN,
                                SpecRequest.Choice.OWN,
                                SpecRequest.Choice.OWN,
                                "box",
                                ""),
                        r.limits());
        assertThat(run(own)).contains(":memory:/\n").contains("memory.limit_in_bytes");
    }

    @Test
    void launchLatency() throws Exception {
        var times = new ArrayList<Long>();
        for (int i = 0; i < 60; i++) {
            Spec spec = bundle.specs.spec(bundle.request("true"));
            long begin = System.nanoTime();
            Monitor monitor = bundle.launch(monitors, spec, Launch.Stdin.NONE);
            monitor.start();
            long end = System.nanoTime();
            monitor.exit().get(10, TimeUnit.SECONDS);
            monitor.bye();
            if (i >= 20) {
                times.add(end - begin);
            }
        }
        long[] sorted = times.stream().mapToLong(Long::longValue).sorted().toArray();
        System.out.printf(
                "launch to started, real cgroups: median %.1f ms, lowest %.1f, p95 %.1f%n",
                sorted[sorted.length / 2] / 1e6,
                sorted[0] / 1e6,
                sorted[(int) (sorted.length * 0.95)] / 1e6);
        assertThat(Arrays.stream(sorted).min().orElseThrow()).isPositive();
    }
}
