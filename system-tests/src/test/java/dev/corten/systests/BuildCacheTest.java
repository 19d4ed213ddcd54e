package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is done again, and what is not.
@ExtendWith(BuildEngine.class)
class BuildCacheTest {
    private static final String[] APP = {
        "FROM busybox",
        "WORKDIR /app",
        "COPY package.json .",
        "RUN cat /proc/sys/kernel/random/uuid >/installed",
        "COPY . .",
        "RUN cat /proc/sys/kernel/random/uuid >/built",
        "CMD [\"cat\", \"app.js\"]"
    };

    private static BuildFolder app(Engine engine, String program) {
        return BuildFolder.of(engine, program)
                .dockerfile(APP)
                .file("package.json", program)
                .file("app.js", "one\n");
    }

    /// How many steps were; what a stage begins with always is.
    private static long cached(BuildFolder build) {
        long bases = build.said().lines().filter(l -> l.matches("#\\d+ .*\\] FROM .*")).count();
        return build.said()
                        .lines()
                        .filter(l -> l.endsWith(" CACHED") || l.endsWith("Using cache"))
                        .count()
                - bases;
    }

    private static String made(Engine engine, String tag) {
        return engine.docker().ok("run", "--rm", tag, "cat", "/installed", "/built");
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({"BLD-06", "BLD-07", "BLD-08"})
    void oneChangedFile(String program, Engine engine) throws Exception {
        try (var build = app(engine, program)) {
            build.build("-t", "app").ok();
            String first = made(engine, "app");
            build.build("-t", "app").ok();
            assertThat(made(engine, "app")).isEqualTo(first);
            assertThat(cached(build)).isGreaterThanOrEqualTo(5);

            // Its time alone is nothing.
            Files.setLastModifiedTime(
                    build.path("app.js"), FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
            build.build("-t", "app").ok();
            assertThat(made(engine, "app")).isEqualTo(first);

            build.file("app.js", "two\n");
            build.build("-t", "app").ok();
            String[] before = first.split("\n");
            String[] after = made(engine, "app").split("\n");
            assertThat(after[0]).isEqualTo(before[0]);
            assertThat(after[1]).isNotEqualTo(before[1]);
            assertThat(cached(build)).isEqualTo(3);
            assertThat(engine.docker().ok("run", "--rm", "app")).isEqualTo("two");

            // What it was before is still known.
            build.file("app.js", "one\n");
            build.build("-t", "app").ok();
            assertThat(made(engine, "app")).isEqualTo(first);

            build.file("package.json", "changed " + program);
            build.build("-t", "app").ok();
            assertThat(made(engine, "app").split("\n")[0]).isNotEqualTo(before[0]);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows("BLD-08")
    void aModeIsAChange(String program, Engine engine) {
        try (var build = app(engine, program)) {
            build.build("-t", "mode").ok();
            String first = made(engine, "mode");
            Running.run("chmod", "755", build.path("app.js").toString()).ok();
            build.build("-t", "mode").ok();
            assertThat(made(engine, "mode")).isNotEqualTo(first);
        }
    }

    /// Its own content, so that both start without a cache.
    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({"BLD-11", "DF-08"})
    void anArgumentCountsFromWhereItIsDeclared(String program, Engine engine) {
        try (var build = BuildFolder.of(engine, program)) {
            build.dockerfile(
                    "FROM busybox",
                    "RUN cat /proc/sys/kernel/random/uuid >/installed; : " + program,
                    "ARG V=1",
                    "RUN cat /proc/sys/kernel/random/uuid >/built");
            build.build("-t", "arg").ok();
            String[] one = made(engine, "arg").split("\n");
            build.build("-t", "arg", "--build-arg", "V=2").ok();
            String[] two = made(engine, "arg").split("\n");
            assertThat(two[0]).isEqualTo(one[0]);
            assertThat(two[1]).isNotEqualTo(one[1]);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows("BLD-13")
    void noCache(String program, Engine engine) {
        try (var build = app(engine, program)) {
            build.build("-t", "none").ok();
            String first = made(engine, "none");
            build.build("-t", "none", "--no-cache").ok();
            assertThat(made(engine, "none").split("\n"))
                    .doesNotContain(first.split("\n")[0], first.split("\n")[1]);
        }
    }

    @Test
    @Shows("BLD-13")
    void noCacheForSomeStages(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile(
                    "FROM busybox AS one",
                    "RUN cat /proc/sys/kernel/random/uuid >/one",
                    "FROM busybox AS two",
                    "RUN cat /proc/sys/kernel/random/uuid >/two",
                    "FROM busybox",
                    "COPY --from=one /one /installed",
                    "COPY --from=two /two /built");
            build.build("-t", "some").ok();
            String[] first = made(engine, "some").split("\n");
            build.build("-t", "some", "--no-cache-filter", "two").ok();
            String[] second = made(engine, "some").split("\n");
            assertThat(second[0]).isEqualTo(first[0]);
            assertThat(second[1]).isNotEqualTo(first[1]);
        }
    }

    /// A step that ran again and gave what it gave before costs nothing further on.
    @Test
    @Shows("BLD-08")
    void theSameResultKeepsWhatFollows(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile(
                    "FROM busybox AS made",
                    "COPY in /in",
                    "RUN wc -c </in >/count && touch -d 2020-01-01 /count",
                    "FROM busybox",
                    "COPY --from=made /count /count",
                    "RUN cat /proc/sys/kernel/random/uuid >/installed; date >/built");
            build.file("in", "one\n");
            build.build("-t", "same").ok();
            String first = made(engine, "same");
            build.file("in", "two\n");
            build.build("-t", "same").ok();
            assertThat(made(engine, "same")).isEqualTo(first);
        }
    }

    @Test
    @Shows({"BLD-06", "BLD-29"})
    void aRestartForgetsNothingAndPruneDoes(Engine engine) {
        try (var build = app(engine, "corten")) {
            build.build("-t", "kept").ok();
            String first = made(engine, "kept");
            engine.terminate();
            engine.open();
            build.build("-t", "kept").ok();
            assertThat(made(engine, "kept")).isEqualTo(first);
            engine.docker().ok("rmi", "-f", "kept");
            assertThat(engine.docker().ok("builder", "prune", "-af"))
                    .containsPattern("Total reclaimed space:|Total:");
            build.build("-t", "kept").ok();
            assertThat(made(engine, "kept")).isNotEqualTo(first);
        }
    }

    @Test
    @Shows("BLD-33")
    void theSameImageAtAnyTime(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile(
                    "FROM busybox",
                    "COPY in /in",
                    "RUN mkdir /d && echo x >/d/f && ln -s f /d/l && sleep 0.01");
            build.file("in", "x\n");
            String epoch = "SOURCE_DATE_EPOCH=1700000000";
            build.build("-t", "epoch:1", "--build-arg", epoch).ok();
            build.build("-t", "epoch:2", "--build-arg", epoch, "--no-cache").ok();
            assertThat(engine.docker().ok("inspect", "-f", "{{.Id}}", "epoch:2"))
                    .isEqualTo(engine.docker().ok("inspect", "-f", "{{.Id}}", "epoch:1"));
            assertThat(engine.docker().ok("inspect", "-f", "{{.Created}}", "epoch:2"))
                    .startsWith("2023-11-14T22:13:20");
            assertThat(engine.docker().ok("run", "--rm", "epoch:1", "stat", "-c", "%Y", "/d/f"))
                    .isEqualTo("1700000000");
        }
    }

    @Test
    @Shows("BLD-07")
    void saysWhyAStepRanAgain(Engine engine) {
        try (var build = app(engine, "corten")) {
            // Nothing of it is in the cache, so that each step notes what it was.
            build.file("package.json", "why");
            build.build("-t", "why").ok();
            build.file("app.js", "for a reason\n");
            build.build("-t", "why", "--explain-cache").ok();
            assertThat(build.said()).contains("app.js");
        }
    }
}
