package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What a process in a container has, and what it cannot reach.
@ExtendWith(PrivateEngine.class)
class ConfinementTest {
    private static List<String> inside(Client docker, String script, String... options) {
        var command = new java.util.ArrayList<>(List.of("run", "--rm"));
        command.addAll(List.of(options));
        command.addAll(List.of("busybox", "sh", "-c", script));
        Finished run = docker.run(command.toArray(String[]::new));
        assertThat(run.status()).as(run.toString()).isZero();
        return run.lines();
    }

    @Test
    void noDescriptorOfTheDaemonIsInherited(Client docker) {
        // The fourth is the directory that ls reads.
        assertThat(inside(docker, "ls /proc/self/fd")).containsExactly("0", "1", "2", "3");
        assertThat(inside(docker, "ls /proc/1/fd")).startsWith("0", "1", "2");
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "100");
        assertThat(docker.ok("exec", "c1", "ls", "/proc/1/fd").lines())
                .containsExactly("0", "1", "2");
        assertThat(docker.ok("exec", "c1", "ls", "/proc/self/fd").lines())
                .containsExactly("0", "1", "2", "3");
    }

    private static final String STATUS =
            "grep -E '^(Cap|Seccomp:|NoNewPrivs|Groups)' /proc/self/status | tr -s '\\t ' ' '";

    @Test
    @Shows({"SEC-02", "SEC-03"})
    void capabilitiesAreDockers(Client docker) {
        assertThat(inside(docker, STATUS))
                .contains(
                        "CapInh: 0000000000000000",
                        "CapPrm: 00000000a80425fb",
                        "CapEff: 00000000a80425fb",
                        "CapBnd: 00000000a80425fb",
                        "CapAmb: 0000000000000000",
                        "NoNewPrivs: 0",
                        "Seccomp: 2");
    }

    @Test
    void userWithoutPrivilegeHasNoCapability(Client docker) {
        assertThat(inside(docker, STATUS, "-u", "web"))
                .contains(
                        "CapPrm: 0000000000000000",
                        "CapEff: 0000000000000000",
                        "CapBnd: 00000000a80425fb",
                        "CapAmb: 0000000000000000",
                        "Seccomp: 2",
                        "Groups: 10 1001 ");
    }

    @Test
    void execHasTheSameConfinement(Client docker) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "100");
        assertThat(docker.ok("exec", "c1", "sh", "-c", STATUS).lines())
                .contains("CapEff: 00000000a80425fb", "CapAmb: 0000000000000000", "Seccomp: 2");
        assertThat(
                        docker.ok(
                                "exec",
                                "c1",
                                "sh",
                                "-c",
                                "for n in /proc/self/ns/*; do readlink $n; done"))
                .isEqualTo(
                        docker.ok(
                                "exec",
                                "c1",
                                "sh",
                                "-c",
                                "for n in /proc/1/ns/*; do readlink $n; done"));
        assertThat(docker.ok("exec", "c1", "sh", "-c", "cat /proc/self/cgroup"))
                .isEqualTo(docker.ok("exec", "c1", "sh", "-c", "cat /proc/1/cgroup"));
    }

    @Test
    @Shows({"SEC-02", "SEC-07"})
    void capabilitiesAreAddedAndDropped(Client docker) {
        assertThat(inside(docker, STATUS, "--cap-drop", "ALL", "--cap-add", "CHOWN"))
                .contains("CapEff: 0000000000000001", "CapBnd: 0000000000000001");
        assertThat(inside(docker, STATUS, "--security-opt", "no-new-privileges"))
                .contains("NoNewPrivs: 1");
    }

    @Test
    @Shows("SEC-08")
    void kernelInterfacesAreMaskedOrReadOnly(Client docker) {
        assertThat(
                        inside(
                                docker,
                                "for f in /proc/kcore /proc/keys /proc/timer_list /proc/interrupts; do"
                                        + " [ -e $f ] || continue; [ -c $f ] && echo masked || echo open $f;"
                                        + " done | sort -u"))
                .containsExactly("masked");
        assertThat(
                        inside(
                                docker,
                                "for d in /proc/acpi /proc/scsi /sys/firmware /proc/asound; do"
                                        + " [ -d $d ] && ls -A $d; done; echo end"))
                .containsExactly("end");
        assertThat(
                        inside(
                                docker,
                                "for f in /proc/sys/kernel/hostname /proc/sysrq-trigger"
                                        + " /sys/kernel/uevent_helper; do [ -e $f ] || continue;"
                                        + " (echo x >$f) 2>&1 | grep -c 'Read-only'; done | sort -u"))
                .containsExactly("1");
    }

    @Test
    void mountingAndNamespacesAreForbidden(Client docker) {
        for (String attempt :
                List.of(
                        "mount -t tmpfs x /tmp",
                        "unshare -m true",
                        "unshare -U true",
                        "umount /proc",
                        "mount -o remount,rw /sys",
                        "nsenter -t 1 -m true")) {
            Finished run = docker.run("run", "--rm", "busybox", "sh", "-c", attempt + "; echo $?");
            assertThat(run.out()).as(attempt).matches("[1-9]\\d*\n");
            assertThat(run.err()).containsPattern("not permitted|permission denied");
        }
    }

    @Test
    @Shows("SEC-01")
    void hostsProcessesAndFilesAreNotSeen(Client docker) {
        // The shell, ls and whoever is between them.
        assertThat(inside(docker, "ls -d /proc/[0-9]*")).contains("/proc/1").hasSizeLessThan(4);
        assertThat(
                        inside(
                                docker,
                                "ls -A /.. | tr '\\n' ' '; ls /proc/1/root/../etc | sort | head -1"))
                .first()
                .asString()
                .doesNotContain("work")
                .contains(".dockerenv");
    }

    @Test
    @Shows("CON-01")
    void namespacesAreItsOwn(Client docker) throws java.io.IOException {
        for (String kind : List.of("mnt", "pid", "net", "uts", "ipc")) {
            String host =
                    java.nio.file.Files.readSymbolicLink(
                                    java.nio.file.Path.of("/proc/self/ns", kind))
                            .toString();
            assertThat(inside(docker, "readlink /proc/self/ns/" + kind))
                    .doesNotContain(host)
                    .allMatch(link -> link.startsWith(kind + ":["));
        }
    }

    @Test
    void mountsAreDockers(Client docker) {
        List<String> mounts =
                inside(docker, "cut -d' ' -f2-4 /proc/mounts | sed 's/,relatime//; s/,inode64//g'");
        assertThat(mounts).anyMatch(m -> m.startsWith("/ overlay rw"));
        assertThat(mounts).contains("/proc proc rw,nosuid,nodev,noexec");
        assertThat(mounts).anyMatch(m -> m.startsWith("/dev tmpfs rw,nosuid,size=65536k,mode=755"));
        assertThat(mounts)
                .contains("/dev/pts devpts rw,nosuid,noexec,gid=5,mode=620,ptmxmode=666")
                .contains("/sys sysfs ro,nosuid,nodev,noexec")
                .contains("/dev/mqueue mqueue rw,nosuid,nodev,noexec");
        assertThat(mounts)
                .anyMatch(m -> m.startsWith("/dev/shm tmpfs rw,nosuid,nodev,noexec,size=65536k"));
        for (String file : List.of("resolv.conf", "hostname", "hosts")) {
            assertThat(mounts).anyMatch(m -> m.startsWith("/etc/" + file + " "));
        }
        assertThat(inside(docker, "ls -A /dev | tr '\\n' ' '"))
                .containsExactly(
                        "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom"
                                + " zero ");
    }

    @Test
    @Shows("SEC-09")
    void readOnlyRootCannotBeWritten(Client docker) {
        Finished run =
                docker.run(
                        "run",
                        "--rm",
                        "--read-only",
                        "busybox",
                        "sh",
                        "-c",
                        "echo x >/f; echo x >/dev/shm/f && echo shm");
        assertThat(run.err()).contains("Read-only file system");
        assertThat(run.out()).isEqualTo("shm\n");
    }

    @Test
    void environmentIsDockers(Client docker) {
        assertThat(inside(docker, "env | grep -v -E '^(SHLVL|PWD)=' | sort", "--hostname", "h1"))
                .containsExactly("HOME=/root", "HOSTNAME=h1", "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
        assertThat(inside(docker, "umask; cat /proc/self/oom_score_adj; stat -c %a:%s /.dockerenv"))
                .containsExactly("0022", "0", "755:0");
    }

    @Test
    @Shows({"RES-02", "RUN-23"})
    void memoryLimitEndsTheGreedy(Client docker) {
        Finished run =
                docker.run(
                        "run",
                        "--name",
                        "c1",
                        "-m",
                        "16m",
                        "busybox",
                        "sh",
                        "-c",
                        "x=a; while :; do x=$x$x; done");
        assertThat(run.status()).isEqualTo(137);
        assertThat(docker.ok("inspect", "-f", "{{.State.OOMKilled}} {{.State.ExitCode}}", "c1"))
                .isEqualTo("true 137");
        assertThat(docker.ok("inspect", "-f", "{{.HostConfig.Memory}}", "c1"))
                .isEqualTo("16777216");
    }

    @Test
    @Shows("RES-08")
    void pidsLimitHoldsAForkBomb(Client docker) {
        docker.ok(
                "run",
                "-d",
                "--name",
                "c1",
                "--pids-limit",
                "20",
                "busybox",
                "sh",
                "-c",
                "while :; do sleep 100 & done");
        Eventually.get(
                "the log", () -> docker.run("logs", "c1").err(), l -> l.contains("can't fork"));
        docker.ok("rm", "-f", "c1");
    }

    @Test
    @Shows({"RES-05", "RUN-43"})
    void limitsOfProcessorsAndFilesAreSet(Client docker) {
        assertThat(
                        inside(
                                docker,
                                "ulimit -n; ulimit -Hn; f=/sys/fs/cgroup/cpu; cat"
                                        + " $f/cpu.cfs_quota_us 2>/dev/null || cut -d' ' -f1"
                                        + " /sys/fs/cgroup/cpu.max",
                                "--ulimit",
                                "nofile=100:200",
                                "--cpus",
                                "0.5"))
                .containsExactly("100", "200", "50000");
    }

    @Test
    void controlGroupsOfTheHostAreReadOnly(Client docker) {
        assertThat(
                        inside(
                                docker,
                                "cd /sys/fs/cgroup; mkdir new 2>&1; d=$(ls -d */ | head -1); mkdir"
                                        + " ${d}new 2>&1; echo end"))
                .last()
                .isEqualTo("end");
        Finished run =
                docker.run("run", "--rm", "busybox", "sh", "-c", "mkdir /sys/fs/cgroup/memory/new");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).containsPattern("Read-only file system|No such file");
    }

    @Test
    @Shows("SEC-06")
    void privilegedHasEverything(Client docker) {
        assertThat(inside(docker, STATUS, "--privileged"))
                .contains("Seccomp: 0")
                .noneMatch(line -> line.equals("CapEff: 00000000a80425fb"));
        assertThat(inside(docker, "mount -t tmpfs x /tmp && echo mounted", "--privileged"))
                .containsExactly("mounted");
    }

    @Test
    void symbolicLinksInTheImageDoNotLeadMountsOut(Client docker, Engine engine) {
        var target = engine.scratch("linked");
        new Image("linked:1")
                .layer(
                        new Tar()
                                .directory("bin", 0755)
                                .file("bin/busybox", busybox(), 0755)
                                .symlink("bin/sh", "busybox")
                                .symlink("bin/cat", "busybox")
                                .symlink("etc", target.toString())
                                .symlink("proc", target.toString())
                                .symlink("dev", "../../../../../../" + target)
                                .bytes())
                .load(engine);
        Finished run = docker.run("run", "--rm", "linked:1", "/bin/sh", "-c", "echo ran");
        assertThat(run.out() + run.err()).isNotBlank();
        assertThat(java.nio.file.Files.exists(target)).as("made on the host").isFalse();
        assertThat(docker.ok("rmi", "linked:1")).contains("Untagged: linked:1");
    }

    private static byte[] busybox() {
        try {
            return java.nio.file.Files.readAllBytes(java.nio.file.Path.of("/bin/busybox"));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// The engine needs more of them before the command than the command may have.
    @Test
    @Shows("RUN-43")
    void fewDescriptorsAreEnoughForACommandByItsPath(Client docker) {
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "--ulimit",
                                "nofile=40:40",
                                "busybox",
                                "/bin/echo",
                                "ran"))
                .isEqualTo("ran");
    }
}
