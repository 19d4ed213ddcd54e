package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// With `SOURCE_DATE_EPOCH` a build gives the same image wherever and whenever it runs.
@ExtendWith(BuildEngine.class)
@Shows("BLD-33")
class SourceDateEpochTest {
    private static final String EPOCH = "1700000000";
    private static final String FILE =
            """
            FROM busybox AS tools
            RUN mkdir -p /tools/bin && echo tool > /tools/bin/tool && chmod 4755 /tools/bin/tool
            WORKDIR /work
            COPY a .
            FROM busybox AS other
            RUN mkdir /other && date > /dev/null && touch /other/one /other/two
            FROM busybox
            COPY --from=tools /tools /tools
            RUN umask 027 && echo here > /here && ln -s here /link && ln /here /hard && rm /bin/ls
            COPY --from=other /other /other
            COPY --link a /linked
            RUN touch /last && chown 3:4 /last
            ENV A=b
            """;

    private Scratch folder;

    @BeforeEach
    void context() {
        folder = Scratch.folder("corten-epoch");
        write(folder.file("one"));
        write(folder.file("two"));
    }

    /// The files are of now: a later checkout has later ones.
    private static void write(Path context) {
        try {
            Files.createDirectory(context);
            Files.writeString(context.resolve("Dockerfile"), FILE);
            Files.writeString(context.resolve("a"), "a\n");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @AfterEach
    void remove() {
        folder.close();
    }

    private String build(
            Engine engine, String context, Map<String, String> more, String... options) {
        var command = new ArrayList<>(List.of("build", "-q"));
        command.addAll(List.of(options));
        command.add(folder.file(context).toString());
        try (var running = engine.corten().start(more, command.toArray(String[]::new))) {
            running.closeInput();
            return running.await().ok();
        }
    }

    @Test
    void theSameImageInAnotherPlace(Engine engine) throws IOException {
        Files.setLastModifiedTime(
                folder.file("two").resolve("a"),
                FileTime.from(Instant.parse("2033-03-03T03:03:03Z")));
        String here = build(engine, "one", Map.of(), "--build-arg", "SOURCE_DATE_EPOCH=" + EPOCH);
        Path elsewhere = folder.file("cortend");
        Files.writeString(
                elsewhere,
                """
                #!/bin/sh
                umask 077
                export LANG=ko_KR.UTF-8 LC_ALL=tr_TR.UTF-8 TZ=Asia/Seoul
                exec unshare --uts sh -c 'hostname elsewhere; exec "$CORTEND" "$@"' sh "$@"
                """);
        Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rwxr-xr-x"));
        Engine other = Engine.start(elsewhere);
        try {
            BuildBases.load(other);
            String there =
                    build(
                            other,
                            "two",
                            Map.of("TZ", "America/New_York", "LC_ALL", "C"),
                            "--build-arg",
                            "SOURCE_DATE_EPOCH=" + EPOCH);
            assertThat(there).isEqualTo(here);
        } finally {
            other.removeContainers();
            other.closeCleanly();
        }
    }

    /// The daemon and its client believe that it is years later: what they ask for the time is this,
    /// not the kernel. Steps and file systems have the kernel's time, for which there are no
    /// namespaces; it goes on between the two builds.
    private static final String CLOCK =
            """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <sys/time.h>
            #include <time.h>
            #define SHIFT 300000000L
            int clock_gettime(clockid_t id, struct timespec *t) {
                static int (*real)(clockid_t, struct timespec *);
                if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
                int r = real(id, t);
                if (r == 0 && id == CLOCK_REALTIME) t->tv_sec += SHIFT;
                return r;
            }
            time_t time(time_t *t) {
                struct timespec now;
                clock_gettime(CLOCK_REALTIME, &now);
                if (t) *t = now.tv_sec;
                return now.tv_sec;
            }
            int gettimeofday(struct timeval *t, void *zone) {
                struct timespec now;
                clock_gettime(CLOCK_REALTIME, &now);
                t->tv_sec = now.tv_sec;
                t->tv_usec = now.tv_nsec / 1000;
                return 0;
            }
            """;

    @Test
    void theSameImageUnderAnotherClock(Engine engine) throws IOException {
        Machine.hasProgram("gcc");
        String here = build(engine, "one", Map.of(), "--build-arg", "SOURCE_DATE_EPOCH=" + EPOCH);
        Path code = folder.file("clock.c");
        Path library = folder.file("clock.so");
        Files.writeString(code, CLOCK);
        Running.run("gcc", "-shared", "-fPIC", "-o", library.toString(), code.toString()).ok();
        Path later = folder.file("cortend");
        Files.writeString(
                later, "#!/bin/sh\nLD_PRELOAD=" + library + " exec \"$CORTEND\" \"$@\"\n");
        Files.setPosixFilePermissions(later, PosixFilePermissions.fromString("rwxr-xr-x"));
        Engine other = Engine.start(later);
        try {
            BuildBases.load(other);
            Instant clock = Instant.parse(other.docker().ok("info", "-f", "{{.SystemTime}}"));
            assertThat(clock).isAfter(Instant.now().plusSeconds(299_000_000));
            Map<String, String> shifted = Map.of("LD_PRELOAD", library.toString());
            String epoch = "SOURCE_DATE_EPOCH=" + EPOCH;
            assertThat(build(other, "two", shifted, "--build-arg", epoch)).isEqualTo(here);
            for (Engine each : List.of(engine, other)) {
                build(
                        each,
                        "one",
                        each == other ? shifted : Map.of(),
                        "--no-cache",
                        "--build-arg",
                        epoch,
                        "-o",
                        "type=oci,dest=" + folder.file(each == other ? "there" : "here"));
            }
            assertThat(Files.mismatch(folder.file("here"), folder.file("there"))).isEqualTo(-1);
        } finally {
            other.removeContainers();
            other.closeCleanly();
        }
    }

    @Test
    void whatWasBuiltWithoutItIsNotTakenForIt(Engine engine) {
        String now = build(engine, "one", Map.of(), "--no-cache");
        String epoch =
                build(engine, "one", Map.of(), "--build-arg", "SOURCE_DATE_EPOCH=1700000001");
        String again =
                build(
                        engine,
                        "two",
                        Map.of(),
                        "--no-cache",
                        "--build-arg",
                        "SOURCE_DATE_EPOCH=1700000001");
        assertThat(epoch).isNotEqualTo(now).isEqualTo(again);
    }

    @Test
    void filesThatAreMadeGetTheTime(Engine engine) {
        String image =
                build(engine, "one", Map.of(), "--build-arg", "SOURCE_DATE_EPOCH=1700000002");
        Client docker = engine.docker();
        assertThat(docker.ok("run", "--rm", image, "stat", "-c", "%Y", "/last", "/linked", "/here"))
                .isEqualTo("1700000002\n1700000002\n1700000002");
        assertThat(docker.ok("image", "inspect", "-f", "{{.Created}}", image))
                .isEqualTo("2023-11-14T22:13:22Z");
        String kept =
                build(
                        engine,
                        "one",
                        Map.of(),
                        "--build-arg",
                        "SOURCE_DATE_EPOCH=1700000002",
                        "-o",
                        "type=image,rewrite-timestamp=false");
        assertThat(docker.ok("run", "--rm", kept, "stat", "-c", "%Y", "/last"))
                .isNotEqualTo("1700000002");
    }

    @Test
    void archivesAreTheSameBytes(Engine engine) throws IOException {
        for (String name : List.of("one", "two")) {
            for (String type : List.of("oci", "docker", "tar")) {
                build(
                        engine,
                        name,
                        Map.of(),
                        "--no-cache",
                        "--provenance=" + (type.equals("oci") ? "mode=max" : "false"),
                        "--build-arg",
                        "SOURCE_DATE_EPOCH=" + EPOCH,
                        "-o",
                        "type=" + type + ",dest=" + folder.file(name + "." + type));
            }
        }
        for (String type : List.of("oci", "docker", "tar")) {
            assertThat(Files.mismatch(folder.file("one." + type), folder.file("two." + type)))
                    .isEqualTo(-1);
        }
    }
}
