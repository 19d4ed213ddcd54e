package dev.corten.engine.build.step;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.build.work.StepCommand;
import dev.corten.build.work.StepExit;
import dev.corten.build.work.StepMount;
import dev.corten.kernel.Fd;
import dev.corten.kernel.mount.Mounts;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.container.Ulimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Steps on the real kernel by the real shim.
@Timeout(60)
class StepsTest {
    @TempDir static Path directory;
    private static StepMachine machine;

    private StepMachine.Root root;

    @BeforeAll
    static void open() throws Exception {
        machine = new StepMachine(directory);
    }

    @AfterAll
    static void close() throws Exception {
        machine.close();
    }

    @BeforeEach
    void mount() throws IOException {
        root = machine.new Root();
    }

    @AfterEach
    void leavesNothing() throws IOException {
        root.close();
        assertThat(machine.left()).isEmpty();
    }

    private StepMachine.Step step() {
        return machine.new Step(root);
    }

    private static Fd open(Path path) throws IOException {
        return Mounts.openTree(Fd.CWD, path.toString(), Mounts.OPEN_TREE_CLONE);
    }

    @Test
    void writesWhatItSaysAndEndsAsItEnds() throws Exception {
        StepMachine.Result result = step().sh("echo out; echo err >&2; exit 7");

        assertThat(result.out()).isEqualTo("out\n");
        assertThat(result.err()).isEqualTo("err\n");
        assertThat(result.exit()).isEqualTo(new StepExit(7, false));
    }

    @Test
    void leavesItsChangesAndNothingElse() throws Exception {
        step().sh("echo x > /made; rm /etc/plain");

        assertThat(root.changes()).containsExactly("etc/", "etc/plain", "made");
        assertThat(Files.getLastModifiedTime(root.upper.resolve("etc")).toInstant())
                .isAfter(StepMachine.LONG_AGO);
    }

    @Test
    void aStepThatChangesNothingLeavesTheTimesOfDirectories() throws Exception {
        step().sh("true");

        assertThat(root.changes()).containsExactly("etc/");
        assertThat(Files.getLastModifiedTime(root.upper.resolve("etc")).toInstant())
                .isEqualTo(StepMachine.LONG_AGO);
        assertThat(Files.getLastModifiedTime(root.upper).toInstant())
                .isEqualTo(StepMachine.LONG_AGO);
    }

    @Test
    void hasTheEnvironmentOfBuildkit() throws Exception {
        StepMachine.Result result =
                step().environment("A=1", "PATH=/bin", "A=2").sh("env; hostname; cat /etc/hosts");

        assertThat(result.out().lines().filter(line -> !line.startsWith("SHLVL=")))
                .contains("A=2", "PATH=/bin", "HOME=/root", StepCommand.BUILDKIT_HOSTNAME)
                .contains("127.0.0.1\tlocalhost buildkitsandbox")
                .noneMatch(line -> line.startsWith("HOSTNAME=") || line.equals("A=1"));
        assertThat(root.changes()).doesNotContain("etc/hosts", "etc/resolv.conf");
    }

    @Test
    void isLikeAContainerForTheClassicBuilder() throws Exception {
        StepMachine.Result result =
                step().likeContainer()
                        .host(host -> {
                            host.extraHosts = List.of("other:10.1.2.3");
                            return host;
                        })
                        .sh("env; cat /etc/hostname /etc/hosts && echo x >> /etc/hosts");

        String name = root.id.shortHex();
        assertThat(result.exit().code()).isZero();
        assertThat(result.out())
                .contains("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n")
                .contains("HOSTNAME=" + name + "\n")
                .contains("\n" + name + "\n")
                .contains("10.1.2.3\tother\n")
                .containsPattern("[0-9.]+\t" + name + "\n");
        assertThat(root.changes()).containsExactly("etc/");
    }

    @Test
    void runsAsTheUserInItsDirectory() throws Exception {
        StepMachine.Result result =
                step().user("web").in("/srv/web").sh("id -u; id -g; pwd; echo $HOME");

        assertThat(result.out()).isEqualTo("1000\n1001\n/srv/web\n/home/web\n");
        assertThat(root.changes()).contains("srv/", "srv/web/");
    }

    @Test
    void refusesAnUnknownUser() {
        assertThatThrownBy(() -> step().user("nope").sh("true"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("unable to find user nope: no matching entries in passwd file");
    }

    @Test
    void saysWhyACommandCannotBeExecuted() throws Exception {
        assertThat(step().run("nope"))
                .isEqualTo(
                        new StepMachine.Result(
                                "",
                                "runc run failed: unable to start container process: error during"
                                        + " container init: exec: \"nope\": executable file not"
                                        + " found in $PATH\n",
                                new StepExit(1, false)));
        assertThat(step().run("/etc").err())
                .isEqualTo(
                        "runc run failed: unable to start container process: error during container"
                                + " init: exec: \"/etc\": is a directory\n");
        assertThatThrownBy(() -> step().likeContainer().run("/nope"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage(
                        "failed to create task for container: failed to create shim task: OCI"
                                + " runtime create failed: runc create failed: unable to start"
                                + " container process: error during container init: exec:"
                                + " \"/nope\": stat /nope: no such file or directory");
    }

    @Test
    void tellsTheSignalThatEndedIt() throws Exception {
        assertThat(step().sh("sh -c 'kill -15 $$'; exit $?").exit().code()).isEqualTo(143);
    }

    @Test
    void mountsWhatIsAskedForAndTakesTheMountPointsAway() throws Exception {
        Path shown = Files.createDirectories(directory.resolve("shown"));
        Files.writeString(shown.resolve("file"), "content");
        try (Fd source = open(shown);
                Fd file = open(shown.resolve("file"))) {
            StepMachine.Result result =
                    step().mounts(
                                    new StepMount.Bind("/a/b/c", source, true),
                                    new StepMount.Bind("/f/g", file, false),
                                    new StepMount.Tmpfs("/tmp", 4 << 20),
                                    new StepMount.Tmpfs("/a/b/c2/", 0))
                            .sh(
                                    "cat /a/b/c/file /f/g; touch /a/b/c/x 2>&1; stat -c %a /tmp"
                                            + " /a/b/c2; df /tmp | tail -1; cp /bin/busybox"
                                            + " /tmp/true && /tmp/true && echo executed; echo y"
                                            + " > /f/g; touch /f/own");

            assertThat(result.out())
                    .startsWith("contentcontent")
                    .contains("Read-only file system", "755\n1777\n", " 4096 ", "executed");
        }
        assertThat(Files.readString(shown.resolve("file"))).isEqualTo("y\n");
        assertThat(root.changes()).containsExactly("etc/", "f/", "f/own");
    }

    @Test
    void takesNothingAwayThatTheStepHasMade() throws Exception {
        Path shown = Files.createDirectories(directory.resolve("empty"));
        try (Fd source = open(shown)) {
            // Whoever looks for the mount point by its path finds /etc/c.
            step().mounts(new StepMount.Bind("/a/c", source, false))
                    .sh("touch /etc/c && mkdir /etc/d && mv /a /b && ln -s /etc /a");
        }
        assertThat(root.changes()).containsExactly("a", "b/", "etc/", "etc/c", "etc/d/");
    }

    @Test
    void followsLinksOfTheRootInsideTheRoot() throws Exception {
        step().sh("ln -s ../../../../run/x/resolv.conf /etc/resolv.conf; ln -s / /top");
        Path shown = Files.createDirectories(directory.resolve("linked"));
        List<String> before = root.changes();
        try (Fd source = open(shown)) {
            var again = machine.new Root(root);
            try (again) {
                StepMachine.Result result =
                        machine.new Step(again)
                                .mounts(new StepMount.Bind("/top/mnt/corten-test", source, false))
                                .sh("cat /etc/resolv.conf; ls -d /mnt/corten-test");
                assertThat(result.out()).contains("nameserver", "/mnt/corten-test");
            }
        }
        assertThat(root.changes()).isEqualTo(before);
        assertThat(Path.of("/mnt/corten-test")).doesNotExist();
    }

    @Test
    void hasTheNetworkThatIsAskedFor() throws Exception {
        String links = "ls /sys/class/net | tr '\\n' ' '";
        assertThat(step().sh(links).out()).isEqualTo("eth0 lo ");
        assertThat(network("none").sh(links).out()).isEqualTo("lo ");
        assertThat(network("host").sh("readlink /proc/self/ns/net").out().strip())
                .isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString());
        assertThatThrownBy(() -> network("mine").sh("true"))
                .isInstanceOf(NotFound.class)
                .hasMessage("network mine not found");
    }

    private StepMachine.Step network(String mode) {
        return step().host(host -> {
            host.networkMode = mode;
            return host;
        });
    }

    @Test
    void hasNoDescriptorOfOurs() throws Exception {
        StepMachine.Result result = step().sh("ls /proc/1/fd; readlink /proc/1/fd/0; true");

        assertThat(result.out()).isEqualTo("0\n1\n2\n/dev/null\n");
    }

    @Test
    void aDirectoryThatIsADescriptorLeadsNowhere() throws Exception {
        for (int fd = 3; fd < 12; fd++) {
            StepMachine.Result result = step().in("/proc/self/fd/" + fd).sh("ls");
            assertThat(result.exit().code()).isNotZero();
            assertThat(result.out()).isEmpty();
        }
    }

    @Test
    void hasLimits() throws Exception {
        StepMachine.Result result =
                step().host(
                                host -> {
                                    host.shmSize = 2 << 20;
                                    host.ulimits = List.of(new Ulimit("nofile", 400, 321));
                                    return host;
                                })
                        .sh("ulimit -n; df /dev/shm | tail -1; grep CapEff /proc/self/status");

        assertThat(result.out()).startsWith("321\n").contains(" 2048 ", "00000000a80425fb");
    }

    @Test
    void isKilledWithWhatItLeavesBehind() throws Exception {
        StepMachine.Result result = step().sh("sleep 1000 & setsid sleep 1000 & echo started");

        assertThat(result.out()).isEqualTo("started\n");
        assertThat(machine.pids(root.id)).isEmpty();
    }

    @Test
    void tellsThatMemoryWasShort() throws Exception {
        StepMachine.Result result =
                step().host(
                                host -> {
                                    host.memory = 16 << 20;
                                    host.memorySwap = 16 << 20;
                                    return host;
                                })
                        .sh("tail /dev/zero; exit $?");

        assertThat(result.exit()).isEqualTo(new StepExit(137, true));
    }

    @Test
    void aFloodOfOutputWaitsForItsTaker() throws Exception {
        var taken = new AtomicLong();
        machine.steps.run(
                step().command(
                                "/bin/sh",
                                "-c",
                                "head -c 50000000 /dev/zero; head -c 1000 /dev/zero >&2"),
                (_, bytes) -> taken.addAndGet(bytes.length));

        assertThat(taken).hasValue(50_001_000);
    }

    @Test
    void anInterruptKillsItAtOnce() throws Exception {
        interrupted("echo ready; trap '' TERM INT; sleep 1000", false);
    }

    @Test
    void anInterruptEndsItWhoseOutputNobodyTakes() throws Exception {
        interrupted("while :; do echo ready; done", true);
    }

    private void interrupted(String script, boolean stuck) throws Exception {
        var ready = new CompletableFuture<Void>();
        var never = new CompletableFuture<Void>();
        var ended = new CompletableFuture<Throwable>();
        Thread thread =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                machine.steps.run(
                                        step().command("/bin/sh", "-c", script),
                                        (_, _) -> {
                                            ready.complete(null);
                                            if (stuck) {
                                                block(never);
                                            }
                                        });
                                ended.complete(new AssertionError("it ended by itself"));
                            } catch (IOException | InterruptedException e) {
                                ended.complete(e);
                            }
                        });
        ready.get();
        thread.interrupt();

        assertThat(ended.get()).isInstanceOf(InterruptedException.class);
        assertThat(machine.pids(root.id)).isEmpty();
    }

    private static void block(CompletableFuture<Void> never) {
        try {
            never.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void showsSecretsToTheirOwnersOnly() throws Exception {
        try (Fd secret = SecretFiles.mount("hush".getBytes(UTF_8), 0400, 1000, 1001)) {
            StepMachine.Result result =
                    step().user("web")
                            .mounts(new StepMount.Bind("/run/secrets/x", secret, true))
                            .sh(
                                    "cat /run/secrets/x; stat -c ' %a %u %g' /run/secrets/x; grep"
                                            + " /run/secrets /proc/mounts");

            assertThat(result.out())
                    .startsWith("hush 400 1000 1001\n")
                    .contains("tmpfs /run/secrets/x tmpfs ro,nosuid,nodev,noexec");
        }
        assertThat(root.changes()).containsExactly("etc/");
    }
}
