package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Wrong Dockerfiles, hostile contexts, steps that misbehave, and clients and daemons that go away.
@ExtendWith(BuildEngine.class)
class BuildFaultsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    FROM busybox~RNU true             | unknown instruction: RNU (did you mean RUN?)
                    FROM busybox~RUN --netwrok=none x | unknown flag: --netwrok (did you mean network?)
                    FROM busybox~COPY --chonw=1 a b   | unknown flag: --chonw (did you mean chown?)
                    FROM busybox~RUN <<EOF~echo       | unterminated heredoc
                    FROM busybox~COPY <<A /a~x        | unterminated heredoc
                    FROM busybox~EXPOSE x             | ontainerPort: x
                    FROM busybox~STOPSIGNAL NOPE      | invalid signal: NOPE
                    FROM busybox~USER nobody7~RUN true| unable to find user nobody7
                    FROM $NOPE                        | base name ($NOPE) should not be blank
                    RUN true                          | no build stage in current context
                    FROM busybox~ONBUILD FROM x       | FROM isn't allowed as an ONBUILD trigger
                    FROM busybox~COPY a               | COPY requires at least two arguments
                    FROM busybox~ENV A                | ENV must have two arguments
                    FROM busybox~ARG                  | ARG requires at least one argument
                    FROM busybox~WORKDIR              | WORKDIR requires exactly one argument
                    """)
    void wrongDockerfiles(String lines, String words, Engine engine) {
        for (String program : List.of("docker", "corten")) {
            try (var build = BuildFolder.of(engine, program)) {
                build.file("a", "").dockerfile(lines.strip().split("~"));
                assertThat(build.build().status()).as(program).isEqualTo(1);
                build.refused(words.strip());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    FROM a AS b~FROM b AS c~COPY --from=d / /~FROM c AS d | circular dependency detected on stage
                    FROM busybox~COPY --chmod=9z a /a                     | chmod
                    FROM busybox~COPY --chown=nobody7 a /a                | nobody7
                    FROM busybox~RUN --mount=type=secret,id=s,required x  | secret s: not found
                    FROM busybox~RUN --mount=type=nope true               | nope
                    FROM busybox~RUN --security=nope true                 | nope
                    FROM busybox~ADD --checksum=sha256:1 http://127.0.0.1:1/x / | checksum
                    FROM busybox~COPY --from=7 /a /a                      | 7
                    """)
    void wrongForBuildKitAlone(String lines, String words, Engine engine) {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.file("a", "").dockerfile(lines.strip().split("~"));
            assertThat(build.build().status()).isEqualTo(1);
            build.refused(words.strip());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    void noDockerfileOrAnEmptyOne(String program, Engine engine) {
        try (var build = BuildFolder.of(engine, program)) {
            assertThat(build.build().status()).isEqualTo(1);
            build.refused("no such file or directory");
            build.file("Dockerfile", "");
            assertThat(build.build().status()).isEqualTo(1);
            build.refused("cannot be empty");
            build.file("Dockerfile", "# only this\n");
            assertThat(build.build().status()).isEqualTo(1);
            build.refused("file with no instructions");
        }
    }

    @Test
    void theLineIsShown(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.file("index.html", "");
            build.dockerfile("FROM busybox", "COPY indx.html /www/");
            assertThat(build.build().status()).isEqualTo(1);
            build.refused("2 | >>> COPY indx.html /www/", "\"/indx.html\": not found");
            build.dockerfile("FROM busybox AS one", "FROM busybox", "COPY --from=oen /a /a");
            assertThat(build.build().status()).isEqualTo(1);
            build.refused("one");
            build.dockerfile("FROM busybox AS production");
            assertThat(build.build("--target", "prodution").status()).isEqualTo(1);
            build.refused("target stage \"prodution\" could not be found");
        }
    }

    /// What is before the first `FROM` is not for stages.
    @Test
    void anArgumentBeforeFrom(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile("ARG A=1", "FROM busybox", "RUN echo \"[$A]\" >/a");
            build.build("-t", "arg").ok();
            assertThat(engine.docker().ok("run", "--rm", "arg", "cat", "/a")).isEqualTo("[]");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    void nothingOutsideTheContext(String program, Engine engine) throws IOException {
        try (var build = BuildFolder.of(engine, program)) {
            build.file("in", "x");
            Files.writeString(build.path("../outside-of-it"), "secret");
            Files.createSymbolicLink(build.path("link"), Path.of("/etc/hostname"));
            Files.createSymbolicLink(build.path("up"), Path.of("../outside-of-it"));
            Files.createSymbolicLink(build.path("dir"), Path.of("/etc"));
            for (String copy :
                    List.of(
                            "../outside-of-it /x",
                            "link /x",
                            "up /x",
                            "dir/hostname /x",
                            "/etc/hostname /x")) {
                build.dockerfile("FROM busybox", "COPY " + copy);
                assertThat(build.build().status()).as(copy + build.said()).isEqualTo(1);
            }
            build.dockerfile("FROM busybox", "COPY . /all/");
            build.build("-t", "links").ok();
            assertThat(engine.docker().ok("run", "--rm", "links", "readlink", "/all/link"))
                    .isEqualTo("/etc/hostname");
        } finally {
            Files.deleteIfExists(Path.of(System.getProperty("java.io.tmpdir"), "outside-of-it"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    void oddFilesInTheContext(String program, Engine engine) {
        try (var build = BuildFolder.of(engine, program)) {
            build.dockerfile("FROM busybox", "COPY . /all/");
            String long255 = "n".repeat(255);
            Running.run(
                            "sh",
                            "-c",
                            "cd "
                                    + build.path(".")
                                    + " && mkfifo pipe && touch -- '-rf' 'a b' \"$(printf"
                                    + " 'new\\nline')\" "
                                    + long255
                                    + " && mkdir '*' && touch '*/?' 'back\\slash'")
                    .ok();
            assertThat(build.build("-t", "odd").status()).as(build.said()).isZero();
            assertThat(engine.docker().ok("run", "--rm", "odd", "sh", "-c", "cd /all; ls | wc -l"))
                    .isIn("9", "8");
            assertThat(
                            engine.docker()
                                    .ok(
                                            "run",
                                            "--rm",
                                            "odd",
                                            "sh",
                                            "-c",
                                            "cd /all; ls -d -- -rf 'a b' '*/?' 'back\\slash' "
                                                    + long255))
                    .isEqualTo("*/?\n-rf\na b\nback\\slash\n" + long255);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    void archivesThatEscape(String program, Engine engine) throws IOException {
        Path outside = Path.of("/tmp/corten-build-escaped");
        try (var build = BuildFolder.of(engine, program)) {
            byte[] evil =
                    new Tar()
                            .file("ok", "1")
                            .file("../../../../../tmp/corten-build-escaped", "1")
                            .bytes();
            Files.write(build.path("evil.tar"), evil);
            byte[] through =
                    new Tar().symlink("l", "/tmp").file("l/corten-build-escaped", "2").bytes();
            Files.write(build.path("through.tar"), through);
            build.dockerfile("FROM busybox", "ADD evil.tar /a/b/c/");
            build.build("-t", "evil");
            assertThat(build.said()).contains("ADD evil.tar");
            assertThat(outside).doesNotExist();
            build.dockerfile("FROM busybox", "ADD through.tar /a/");
            build.build("-t", "evil");
            assertThat(outside).doesNotExist();
        } finally {
            Files.deleteIfExists(outside);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    void aStepThatFloodsOrLeavesProcesses(String program, Engine engine) {
        try (var build = BuildFolder.of(engine, program)) {
            build.dockerfile(
                    "FROM busybox",
                    "RUN yes " + "flood ".repeat(20) + "| head -c 30000000; echo over",
                    "RUN sleep 71717 & echo started",
                    "RUN ! pidof sleep");
            build.build("-t", "flood").ok();
            assertThat(build.said()).contains("started");
            assertThat(sleepers("71717")).isEmpty();
        }
    }

    @Test
    void aStepThatNeedsTooMuchMemory(Engine engine) {
        try (var build = BuildFolder.of(engine, "docker")) {
            build.dockerfile("FROM busybox", "RUN tail /dev/zero");
            Finished ended = build.build("--memory", "16m", "--force-rm");
            assertThat(ended.status()).as(build.said()).isEqualTo(137);
            build.refused("returned a non-zero code: 137");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    void theExitCodeOfAStepIsTold(String program, Engine engine) {
        try (var build = BuildFolder.of(engine, program)) {
            build.dockerfile("FROM busybox", "RUN echo before; exit 42");
            Finished ended = build.build(program.equals("docker") ? "--force-rm" : "--no-cache");
            assertThat(ended.status()).isEqualTo(42);
            build.refused("before", "42");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    void theClientGoesAway(String program, Engine engine) {
        String seconds = program.equals("docker") ? "72721" : "72722";
        try (var build = BuildFolder.of(engine, program)) {
            build.dockerfile("FROM busybox", "RUN sleep " + seconds);
            try (var running = build.start()) {
                running.closeInput();
                Eventually.get("the step runs", () -> sleepers(seconds), all -> !all.isEmpty());
                // Whoever runs the tests may ignore SIGINT, and what it starts ignores it too.
                running.terminate();
                assertThat(running.await().status()).isNotZero();
            }
            Eventually.get("the step ends", () -> sleepers(seconds), List::isEmpty);
            Eventually.get(
                    "nothing is left", () -> engine.docker().ok("ps", "-aq"), String::isEmpty);
        }
    }

    @Test
    void theDaemonIsKilled(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile(
                    "FROM busybox",
                    "RUN cat /proc/sys/kernel/random/uuid >/made; : 73",
                    "RUN sleep 73731; echo x >/x");
            try (var running = build.start()) {
                running.closeInput();
                Eventually.get("the step runs", () -> sleepers("73731"), all -> !all.isEmpty());
                engine.kill();
                assertThat(running.await().status()).isNotZero();
            }
            engine.open();
            Eventually.get("the step ends", () -> sleepers("73731"), List::isEmpty);
            build.dockerfile(
                    "FROM busybox",
                    "RUN cat /proc/sys/kernel/random/uuid >/made; : 73",
                    "RUN cp /made /copy");
            build.build("-t", "after").ok();
            String first = engine.docker().ok("run", "--rm", "after", "cat", "/made");
            engine.kill();
            engine.open();
            build.build("-t", "after").ok();
            assertThat(engine.docker().ok("run", "--rm", "after", "cat", "/made")).isEqualTo(first);
            assertThat(engine.docker().ok("ps", "-aq")).isEmpty();
        }
    }

    @Test
    @Shows("BLD-28")
    void twentyAtOnce(Engine engine) {
        var folders = new ArrayList<BuildFolder>();
        var builds = new ArrayList<Running>();
        try {
            for (int i = 0; i < 20; i++) {
                var build =
                        BuildFolder.of(engine, i % 4 == 0 ? "docker" : "corten")
                                .file("f", "" + i)
                                .dockerfile(
                                        "FROM busybox",
                                        "RUN sleep 0.2; cat /proc/sys/kernel/random/uuid >/shared",
                                        "COPY f /f",
                                        "RUN cat /f >/g");
                folders.add(build);
                builds.add(build.start("-t", "crowd:" + i));
            }
            for (Running running : builds) {
                running.closeInput();
                running.await().ok();
            }
            var made = new ArrayList<String>();
            for (int i = 0; i < 20; i += 7) {
                assertThat(engine.docker().ok("run", "--rm", "crowd:" + i, "cat", "/g"))
                        .isEqualTo("" + i);
            }
            for (int i = 1; i < 20; i += 6) {
                made.add(engine.docker().ok("run", "--rm", "crowd:" + i, "cat", "/shared"));
            }
            // Whoever came while it ran has waited for it.
            assertThat(made.stream().distinct()).hasSize(1);
        } finally {
            builds.forEach(Running::close);
            folders.forEach(BuildFolder::close);
        }
    }

    /// CVE-2024-23651: a source below a cache that is a link by the time it is mounted.
    @Test
    @Shows("SEC-01")
    void cacheMountsDoNotFollowLinks(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile(
                    "FROM busybox",
                    "RUN --mount=type=cache,id=cve,target=/c rm -rf /c/x; ln -s /../../../../.. /c/x",
                    "RUN --mount=type=cache,id=cve,source=x,target=/host ls /host >/seen; true",
                    "RUN --mount=type=cache,id=cve,source=x/etc,target=/etc2 ls /etc2 >/seen2; true");
            build.build("-t", "cve");
            if (engine.docker().run("image", "inspect", "cve").status() == 0) {
                assertThat(engine.docker().ok("run", "--rm", "cve", "cat", "/seen"))
                        .doesNotContain("proc", "usr", "root");
            }
        }
    }

    /// CVE-2024-23652: places made for mounts are removed, but not through a link.
    @Test
    @Shows("SEC-01")
    void placesOfMountsAreNotRemovedThroughLinks(Engine engine) throws IOException {
        try (var build = BuildFolder.of(engine, "corten");
                var host = Scratch.folder("corten-cve")) {
            Files.createDirectory(host.file("y"));
            Files.writeString(host.file("z"), "");
            build.dockerfile(
                    "FROM busybox",
                    "RUN --mount=type=tmpfs,target=/x/y --mount=type=bind,source=Dockerfile,target=/x/z"
                            + " umount /x/y /x/z 2>/dev/null; mv /x /moved 2>/dev/null;"
                            + " rm -rf /x 2>/dev/null; ln -s "
                            + host.path()
                            + " /x; true");
            build.build("-t", "cve");
            assertThat(build.said()).contains("[stage-0 2/2] RUN --mount=type=tmpfs");
            assertThat(host.file("y")).isDirectory();
            assertThat(host.file("z")).exists();
        }
    }

    /// CVE-2024-23653: nothing of a build's words makes a step privileged.
    @Test
    @Shows("SEC-01")
    void privilegesAreNotTaken(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile("FROM busybox", "RUN --security=insecure true");
            assertThat(build.build().status()).isEqualTo(1);
            build.dockerfile("FROM busybox", "RUN --network=host true");
            assertThat(build.build().status()).isEqualTo(1);
            build.refused("network.host is not allowed");
        }
    }

    /// Processes that sleep so long.
    private static List<Long> sleepers(String seconds) {
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.map(ProcessHandle::pid)
                    .filter(pid -> line(pid).equals("sleep\0" + seconds + "\0"))
                    .toList();
        }
    }

    private static String line(long pid) {
        try {
            return new String(Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline")), UTF_8);
        } catch (IOException gone) {
            return "";
        }
    }
}
