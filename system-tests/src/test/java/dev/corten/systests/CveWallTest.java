package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Known ways out of containers, each tried from inside; who one is there, in [CveWallUsersTest].
/// What archives and mounts can do is tried in [HostileArchivesTest] and [HostileMountsTest].
///
/// Each test has a patch in `src/test/wall` that takes its defence out: `./wall/prove` sees it fail.
@ExtendWith(PrivateEngine.class)
class CveWallTest {
    private static final int RACES = 20;

    /// CVE-2019-5736: what runs the container's program cannot be written from inside, neither at a
    /// start whose program is `/proc/self/exe` nor at an exec.
    @Test
    @Shows("SEC-02")
    void theEnginesProgramsCannotBeOverwritten(Client docker) throws IOException {
        Path library = Engine.tree().resolve("lib");
        byte[] shim = Files.readAllBytes(library.resolve("corten-shim"));
        byte[] init = Files.readAllBytes(library.resolve("docker-init"));
        docker.run("run", "--rm", "--entrypoint", "/proc/self/exe", "busybox", "x");
        docker.ok(
                "run",
                "-d",
                "--name",
                "c1",
                "--init",
                "busybox",
                "sh",
                "-c",
                "while :; do for e in /proc/[0-9]*/exe; do echo x > $e; done 2>/dev/null;"
                        + " sleep 0.01; done");
        for (int i = 0; i < 10; i++) {
            docker.run("exec", "c1", "/proc/self/exe");
            docker.ok("exec", "c1", "true");
        }
        assertThat(Files.readAllBytes(library.resolve("corten-shim"))).isEqualTo(shim);
        assertThat(Files.readAllBytes(library.resolve("docker-init"))).isEqualTo(init);
        // What is executed on the way into a container is no file of the host.
        String monitor = parent(docker.ok("inspect", "-f", "{{.State.Pid}}", "c1"));
        assertThat(Files.readSymbolicLink(Path.of("/proc", monitor, "exe")).toString())
                .startsWith("/memfd:corten-shim");
    }

    private static String parent(String pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", pid, "status")).stream()
                .filter(line -> line.startsWith("PPid:"))
                .map(line -> line.substring("PPid:".length()).strip())
                .findFirst()
                .orElseThrow();
    }

    /// CVE-2024-21626: no working directory leads through a descriptor of the engine.
    @Test
    void noWorkingDirectoryIsTheHosts(Client docker) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "1000");
        for (int fd = 3; fd < 24; fd++) {
            String directory = "/proc/self/fd/" + fd;
            var run = docker.run("run", "--rm", "-w", directory, "busybox", "true");
            assertThat(run.status()).as("run in " + directory).isNotZero();
            var exec = docker.run("exec", "-w", directory, "c1", "true");
            assertThat(exec.status()).as("exec in " + directory).isNotZero();
        }
        assertThat(docker.ok("run", "--rm", "busybox", "pwd")).isEqualTo("/");
    }

    /// CVE-2026-55686: a working directory that is not there is made in the container.
    @Test
    void workingDirectoriesAreMadeInside(Engine engine, Client docker) throws IOException {
        Path outside = Files.createDirectories(engine.scratch("outside"));
        new Image("linked:1")
                .layer(Image.busyboxLayer())
                .layer(new Tar().symlink("away", outside.toString()).bytes())
                .load(engine);
        docker.run("run", "--rm", "-w", "/away/new/deeper", "linked:1", "touch", "file");
        try (var found = Files.list(outside)) {
            assertThat(found).isEmpty();
        }
        docker.ok("rmi", "linked:1");
    }

    /// CVE-2025-52881: settings go into a procfs that nothing can be mounted over.
    @Test
    @Shows("RUN-43")
    void settingsReachTheKernelWhateverIsMounted(Client docker) {
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "--sysctl",
                                "net.core.somaxconn=77",
                                "--tmpfs",
                                "/dev/x",
                                "busybox",
                                "cat",
                                "/proc/sys/net/core/somaxconn"))
                .isEqualTo("77");
        assertThat(
                        docker.run(
                                        "run",
                                        "--rm",
                                        "--tmpfs",
                                        "/proc/sys/net/core",
                                        "busybox",
                                        "true")
                                .err())
                .contains("inside /proc");
    }

    /// Stops each process that appears, before it can do anything, and looks for a way from there to
    /// the file of the host that it is given.
    private static final String SPY =
            """
            #include <dirent.h>
            #include <signal.h>
            #include <stdio.h>
            #include <unistd.h>
            static const char *secret;
            static void look(int pid, const char *what) {
                char path[600];
                snprintf(path, sizeof path, "/proc/%d/%s/../../../../../../../../../..%s", pid, what,
                         secret);
                if (access(path, F_OK) == 0) printf("out by %s\\n", what);
            }
            int main(int argc, char **argv) {
                char name[300];
                if (argc < 2) return 0;
                secret = argv[1];
                nice(-20);
                puts("watching");
                for (int pid = 1;;) {
                    int next = 0;
                    fflush(stdout);
                    while (next == 0) {
                        for (int i = pid + 1; next == 0 && i < pid + 50; i++)
                            if (kill(i, SIGSTOP) == 0) next = i;
                    }
                    pid = next;
                    look(pid, "root");
                    look(pid, "cwd");
                    snprintf(name, sizeof name, "/proc/%d/fd", pid);
                    DIR *all = opendir(name);
                    for (struct dirent *e; all != NULL && (e = readdir(all)) != NULL;) {
                        if (e->d_name[0] == '.') continue;
                        snprintf(name, sizeof name, "fd/%s", e->d_name);
                        look(pid, name);
                    }
                    if (all != NULL) closedir(all);
                    kill(pid, SIGKILL);
                    printf("seen %d\\n", pid);
                }
            }
            """;

    /// CVE-2016-9962: a container that may trace finds nothing of the host at a process that is on
    /// its way in.
    @Test
    @Shows("SEC-02")
    void whoIsOnItsWayInHasNothingOfTheHost(Engine engine, Client docker) throws IOException {
        CProgram.load(engine, "spy", SPY);
        docker.ok(
                "run",
                "-d",
                "--name",
                "c1",
                "--cap-add",
                "SYS_PTRACE",
                "--cap-add",
                "SYS_NICE",
                "spy",
                "spy",
                Files.createFile(engine.scratch("secret")).toString());
        Eventually.get("it watches", () -> docker.ok("logs", "c1"), "watching"::equals);
        List<String> seen = List.of();
        for (int i = 0; i < 100 && seen.size() < 20; i++) {
            docker.run("exec", "c1", "true");
            docker.run("run", "--rm", "--network", "none", "--pid", "container:c1", "busybox");
            seen = docker.ok("logs", "c1").lines().toList();
        }
        assertThat(seen)
                .hasSizeGreaterThan(10)
                .allMatch(line -> line.equals("watching") || line.startsWith("seen "));
        docker.ok("rm", "-f", "c1");
        docker.ok("rmi", "spy");
    }

    /// CVE-2019-16884, CVE-2019-19921, CVE-2023-27561, CVE-2023-28642: what the kernel shows of
    /// itself, and the masks over it, are nowhere else than where everybody looks.
    @ParameterizedTest
    @ValueSource(strings = {"proc", "sys", "dev"})
    void linksOfTheImageInThePlaceOfProcAreRefused(String name, Engine engine, Client docker)
            throws IOException {
        var layer = new Tar().directory("bin", 0755).directory("other", 0755);
        layer.file("bin/sh", Files.readAllBytes(Path.of("/bin/busybox")), 0755);
        new Image("linked:1").layer(layer.symlink(name, "other").bytes()).load(engine);
        Finished run = docker.run("run", "--rm", "linked:1", "/bin/sh", "-c", "exit 0");
        assertThat(run.status()).isNotZero();
        assertThat(run.err()).contains("error mounting").contains("/" + name);
        docker.ok("rmi", "linked:1");
    }

    /// CVE-2025-31133: what masks a file is the kernel's null device, whatever is at `/dev/null`.
    @Test
    @Shows("SEC-08")
    void masksAreNoFilesOfTheContainer(Client docker) {
        docker.ok(
                "run",
                "-d",
                "--name",
                "swapper",
                "-v",
                "v1:/v",
                "busybox",
                "sh",
                "-c",
                "echo mine > /v/mine; while :; do ln -s mine /v/l; mv -T /v/l /v/null;"
                        + " ln -s /proc/sys/kernel/core_pattern /v/l; mv -T /v/l /v/null; done");
        for (int i = 0; i < RACES; i++) {
            Finished run =
                    docker.run(
                            "run",
                            "--rm",
                            "--network",
                            "none",
                            "-v",
                            "v1:/dev",
                            "busybox",
                            "sh",
                            "-c",
                            "for f in /proc/kcore /proc/keys /proc/timer_list; do"
                                    + " [ ! -e $f ] || stat -c %t:%T $f; done | sort -u");
            assertThat(run.out()).isIn("", "1:3\n");
        }
        assertThat(docker.ok("run", "--rm", "busybox", "stat", "-c", "%t:%T", "/proc/timer_list"))
                .isEqualTo("1:3");
    }

    /// CVE-2025-52565: the console is the terminal that was made for it. Nobody can race here: what
    /// cannot be swapped is shown by `PlanTest.theConsoleIsNotFoundByAPath`.
    @Test
    @Shows("RUN-02")
    void theConsoleIsTheTerminal(Client docker) {
        docker.ok("run", "-dt", "--name", "c1", "busybox", "sleep", "1000");
        String look = "stat -c %t:%T /dev/console /proc/1/fd/0 -L | sort -u";
        assertThat(docker.ok("exec", "c1", "sh", "-c", look)).isEqualTo("88:0");
    }

    /// CVE-2022-0492, CVE-2022-0185: nobody inside mounts anything, nor makes a user namespace in
    /// which he could.
    @Test
    @Shows("SEC-03")
    void nothingIsMountedFromInside(Engine engine, Client docker) {
        CProgram.load(engine, "calls", CALLS);
        assertThat(docker.ok("run", "--rm", "calls", "calls"))
                .isEqualTo(
                        """
                        unshare 1
                        clone 1
                        clone3 38
                        mount 1
                        fsopen 1\
                        """);
        Finished run =
                docker.run(
                        "run",
                        "--rm",
                        "busybox",
                        "sh",
                        "-c",
                        "mkdir /tmp/c; mount -t cgroup -o memory none /tmp/c && echo plain;"
                                + " unshare -Ur mount -t cgroup -o memory none /tmp/c && echo deep;"
                                + " unshare -Ur true && echo user; true");
        assertThat(run.out()).isEmpty();
        docker.ok("rmi", "calls");
    }

    /// Calls that need privileges, and the errors that they get.
    private static final String CALLS =
            """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <sched.h>
            #include <signal.h>
            #include <stdio.h>
            #include <sys/mount.h>
            #include <sys/syscall.h>
            #include <unistd.h>
            static void tell(const char *name, long result) {
                printf("%s %d\\n", name, result < 0 ? errno : 0);
            }
            int main(void) {
                unsigned long args[11] = {0};
                tell("unshare", unshare(CLONE_NEWUSER));
                long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
                if (pid == 0) _exit(0);
                tell("clone", pid);
                tell("clone3", syscall(SYS_clone3, args, sizeof args));
                tell("mount", mount("x", "/tmp", "tmpfs", 0, ""));
                tell("fsopen", syscall(430, "tmpfs", 0));
                return 0;
            }
            """;

    /// CVE-2017-16539, CVE-2018-10892, CVE-2015-3630: what the kernel tells about the machine is
    /// hidden, what changes it cannot be written.
    @Test
    @Shows("SEC-08")
    void kernelFilesAreMaskedOrReadOnly(Client docker) {
        String script =
                "for f in /proc/kcore /proc/keys /proc/latency_stats /proc/timer_list"
                        + " /proc/timer_stats /proc/sched_debug /proc/interrupts; do"
                        + " [ ! -e $f ] || [ -c $f ] || echo open $f; done;"
                        + " for d in /proc/acpi /proc/scsi /proc/asound /sys/firmware"
                        + " /sys/devices/virtual/powercap; do"
                        + " [ ! -d $d ] || [ -z \"$(ls -A $d)\" ] || echo open $d; done;"
                        + " for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger"
                        + " /proc/irq/default_smp_affinity /sys/kernel/uevent_helper; do"
                        + " [ ! -e $f ] || ! (: >> $f) 2>/dev/null || echo writable $f; done; true";
        assertThat(docker.ok("run", "--rm", "busybox", "sh", "-c", script)).isEmpty();
    }

    /// CVE-2023-25809: the control groups can be looked at only, also with the host's namespace.
    @Test
    void controlGroupsCannotBeWritten(Client docker) {
        for (String namespace : List.of("host", "private")) {
            String script =
                    "for f in $(find /sys/fs/cgroup -name cgroup.procs -maxdepth 3); do"
                            + " (: >> $f) 2>/dev/null && echo $f; done; true";
            assertThat(
                            docker.ok(
                                    "run",
                                    "--rm",
                                    "--cgroupns",
                                    namespace,
                                    "busybox",
                                    "sh",
                                    "-c",
                                    script))
                    .isEmpty();
        }
    }

    /// CVE-2020-15257: nothing of the engine listens where a container in the host's network could
    /// connect.
    @Test
    @Shows("SEC-01")
    void noAbstractSocketIsOurs(Client docker) {
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "--network",
                                "host",
                                "busybox",
                                "sh",
                                "-c",
                                "grep -i '@.*corten' /proc/net/unix; true"))
                .isEmpty();
    }

    /// CVE-2022-1227: `top` runs nothing that is the container's.
    @Test
    void topRunsTheHostsPs(Engine engine, Client docker) {
        new Image("liar:1")
                .layer(Image.busyboxLayer())
                .layer(
                        new Tar()
                                .file(
                                        "usr/bin/ps",
                                        "#!/bin/sh\necho PID COMMAND\necho 1 mine\n"
                                                .getBytes(UTF_8),
                                        0755)
                                .bytes())
                .load(engine);
        docker.ok("run", "-d", "--name", "c1", "liar:1", "sleep", "1000");
        assertThat(docker.ok("top", "c1", "-o", "pid,args")).contains("sleep 1000");
        docker.ok("rm", "-f", "c1");
        docker.ok("rmi", "liar:1");
    }

    /// CVE-2014-3499: whoever may talk to the engine is root.
    @Test
    @Shows("SEC-01")
    void theSocketIsNotForEverybody(Engine engine) throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(engine.socket())))
                .isEqualTo("rw-rw----");
    }

    /// CVE-2025-64329: clients that come and go leave nothing with the container's monitor.
    @Test
    void clientsThatHaveGoneLeaveNothing(Client docker, Api api) throws IOException {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "1000");
        Path open =
                Path.of("/proc", parent(docker.ok("inspect", "-f", "{{.State.Pid}}", "c1")), "fd");
        long before = entries(open);
        for (int i = 0; i < 30; i++) {
            api.hijack("/containers/c1/attach?stream=1&stdin=1&stdout=1", "").close();
        }
        Eventually.get("all are closed", () -> entries(open), now -> now <= before);
    }

    private static long entries(Path directory) throws IOException {
        try (var all = Files.list(directory)) {
            return all.count();
        }
    }

    /// CVE-2021-41091, CVE-2021-41103, CVE-2024-25621: users of the host cannot walk into the files
    /// of containers, nor into what belongs to a run.
    @Test
    void theDirectoriesAreClosed(Engine engine, Client docker) throws IOException {
        docker.ok("run", "-d", "--name", "c1", "-v", "v1:/v", "busybox", "sleep", "1000");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(engine.dataRoot())))
                .isEqualTo("rwx--x---");
        // Tests keep all of this in a directory of their own.
        Files.setPosixFilePermissions(engine.root(), PosixFilePermissions.fromString("rwx--x--x"));
        for (Path root : List.of(engine.dataRoot(), engine.execRoot())) {
            Finished found =
                    Running.run(
                            "setpriv",
                            "--reuid=65534",
                            "--regid=65534",
                            "--clear-groups",
                            "find",
                            root.toString(),
                            "-mindepth",
                            "1",
                            "(",
                            "-readable",
                            "-o",
                            "-executable",
                            ")",
                            "-not",
                            "-type",
                            "l");
            assertThat(found.out()).as(root.toString()).isEmpty();
            assertThat(found.err()).contains("Permission denied");
        }
    }
}
