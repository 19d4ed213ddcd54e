package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `corten build`: the command line's part of it.
@ExtendWith(PrivateEngine.class)
class CortenBuildTest {
    private Client corten;
    private Path context;

    @BeforeEach
    void context(Engine engine) throws IOException {
        corten = engine.corten();
        context = Files.createDirectories(engine.scratch("context"));
        write(
                "Dockerfile",
                """
                FROM busybox AS base
                ARG WHO=nobody
                COPY app /app
                RUN echo "hello $WHO" > /who
                FROM base AS last
                LABEL stage=last
                """);
        write("app", "1\n");
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(context.resolve(name), text);
    }

    private Finished build(String... arguments) {
        var all = new java.util.ArrayList<String>();
        all.add("build");
        all.addAll(java.util.List.of(arguments));
        all.add(context.toString());
        return corten.run(all.toArray(new String[0]));
    }

    @Test
    @Shows({"BLD-01", "BLD-02", "BLD-03", "BLD-04", "BLD-05"})
    void imageHasTheNamesThatWereGiven() {
        build("-t", "ts-express-app", "-t", "express-mongo-app:1.0", "-t", "user/name:tag").ok();
        String names = corten.ok("images", "--format", "{{.Repository}}:{{.Tag}}");
        assertThat(names.lines())
                .contains("ts-express-app:latest", "express-mongo-app:1.0", "user/name:tag");
        assertThat(corten.ok("run", "--rm", "user/name:tag", "cat", "/app", "/who"))
                .isEqualTo("1\nhello nobody");
    }

    @Test
    @Shows({"BLD-09", "BLD-18"})
    void progressIsShownAsItIsAskedFor() {
        String plain = build("--progress", "plain", "--no-cache").err();
        assertThat(plain)
                .startsWith("#0 building with \"default\" instance using corten driver\n\n#1 ")
                .contains("COPY app /app\n")
                .contains("] RUN echo \"hello nobody\" > /who\n")
                .contains(" writing image sha256:");
        assertThat(build("--progress", "plain").err())
                .containsPattern("\\] RUN .*\n#\\d+ CACHED\n");
        assertThat(build("--progress", "rawjson").err().lines())
                .allMatch(line -> line.startsWith("{\"") && line.endsWith("}"));
        assertThat(build("--progress", "quiet").err()).isEmpty();
        String command = String.join(" ", corten.program()) + " build --no-cache " + context;
        try (Running script =
                Running.start(
                        java.util.List.of(
                                "script",
                                "-qec",
                                "stty rows 30 cols 80; exec " + command,
                                "/dev/null"),
                        corten.environment())) {
            String table = script.await().ok().replaceAll("\033\\[[0-9;?]*[A-Za-z]|\r", "");
            String last = table.substring(table.lastIndexOf("[+] Building"));
            assertThat(last)
                    .containsPattern("^\\[\\+] Building [0-9.]+s \\(([0-9]+)/\\1\\) FINISHED");
            assertThat(last).containsPattern("\n => \\[.*] COPY app /app +[0-9.]+s\n");
        }
    }

    @Test
    @Shows({"BLD-10", "BLD-11", "BLD-12", "BLD-16"})
    void dockerfileArgumentsAndTargetAreAsTheCommandLineSays() throws IOException {
        byte[] dockerfile = "FROM busybox\nRUN echo input > /f\n".getBytes(StandardCharsets.UTF_8);
        Finished piped =
                corten.runWithInput(
                        dockerfile, "build", "-q", "-t", "piped", "-f", "-", context.toString());
        assertThat(piped.ok()).startsWith("sha256:");
        assertThat(corten.ok("run", "--rm", "piped", "cat", "/f")).isEqualTo("input");
        build("-q", "-t", "given", "--build-arg", "WHO=me", "--label", "a=b").ok();
        assertThat(corten.ok("run", "--rm", "given", "cat", "/who")).isEqualTo("hello me");
        try (var running =
                corten.start(
                        Map.of("WHO", "environment"),
                        "build",
                        "-q",
                        "-t",
                        "inherited",
                        "--target",
                        "base",
                        "--build-arg",
                        "WHO",
                        context.toString())) {
            running.closeInput();
            running.await().ok();
        }
        assertThat(corten.ok("run", "--rm", "inherited", "cat", "/who"))
                .isEqualTo("hello environment");
        String format = "{{json .Config.Labels}}";
        assertThat(corten.ok("image", "inspect", "--format", format, "inherited"))
                .isEqualTo("null");
        assertThat(corten.ok("image", "inspect", "--format", format, "given"))
                .isEqualTo("{\"a\":\"b\",\"stage\":\"last\"}");
    }

    @Test
    @Shows("BLD-17")
    void filesSayWhatWasBuilt(Engine engine) throws IOException {
        Path id = engine.scratch("id");
        Path metadata = engine.scratch("metadata.json");
        Finished built =
                build(
                        "-q",
                        "-t",
                        "said",
                        "--iidfile",
                        id.toString(),
                        "--metadata-file",
                        metadata.toString());
        assertThat(built.ok()).isEqualTo(Files.readString(id));
        assertThat(corten.ok("image", "inspect", "--format", "{{.Id}}", "said"))
                .isEqualTo(built.ok());
        assertThat(metadata)
                .content()
                .contains("\"image.name\": \"docker.io/library/said:latest\"");
    }

    @Test
    @Shows("BLD-20")
    void resultGoesWhereItIsAskedFor(Engine engine) throws IOException {
        Path folder = engine.scratch("out");
        build("-o", folder.toString()).ok();
        assertThat(folder.resolve("who")).hasContent("hello nobody\n");
        Path archive = engine.scratch("out.tar");
        build("-o", "type=tar,dest=" + archive).ok();
        assertThat(Running.run("tar", "-xOf", archive.toString(), "who").ok())
                .isEqualTo("hello nobody");
        Path layout = engine.scratch("oci.tar");
        build("-o", "type=oci,dest=" + layout).ok();
        assertThat(Running.run("tar", "-tf", layout.toString()).ok()).contains("oci-layout");
        build("--load", "-t", "loaded").ok();
        assertThat(corten.ok("images", "-q", "loaded")).isNotEmpty();
    }

    @Test
    @Shows("BLD-24")
    void limitsOfTheClassicBuilderApply() throws IOException {
        write(
                "Dockerfile",
                """
                FROM busybox
                RUN cat /sys/fs/cgroup/memory.max \
                    /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null > /limit; ulimit -n >> /limit
                """);
        build(
                        "-t",
                        "limited",
                        "--memory",
                        "64m",
                        "--memory-swap",
                        "64m",
                        "--ulimit",
                        "nofile=100:200",
                        "--cpu-shares",
                        "512",
                        "--force-rm",
                        "--rm",
                        "--compress")
                .ok();
        assertThat(corten.ok("run", "--rm", "limited", "cat", "/limit")).isEqualTo("67108864\n100");
    }

    @Test
    @Shows({"BLD-26", "DF-55"})
    void checksAndQuestionsAreAnswered() throws IOException {
        assertThat(build("--check").ok()).isEqualTo("Check complete, no warnings found.");
        assertThat(build("--call", "targets").ok())
                .isEqualTo("TARGET         DESCRIPTION\nbase           \nlast (default)");
        write("Dockerfile", "FROM busybox as base\n");
        Finished checked = build("--check");
        assertThat(checked.status()).isEqualTo(1);
        assertThat(checked.out())
                .startsWith("Check complete, 1 warning has been found!\n\nWARNING: FromAsCasing - ")
                .contains("   1 | >>> FROM busybox as base\n");
    }

    @Test
    void failureEndsWithTheCodeOfTheCommand() throws IOException {
        write("Dockerfile", "FROM busybox\nRUN echo oops; exit 3\n");
        Finished failed = build();
        assertThat(failed.status()).isEqualTo(3);
        assertThat(failed.err())
                .contains(" | >>> RUN echo oops; exit 3\n")
                .endsWith(
                        "ERROR: failed to build: failed to solve: process \"/bin/sh -c echo oops;"
                                + " exit 3\" did not complete successfully: exit code: 3\n");
    }
}
