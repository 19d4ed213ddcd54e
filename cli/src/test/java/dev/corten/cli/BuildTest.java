package dev.corten.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarWriter;
import dev.corten.client.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `corten build` against a daemon that asks what the test says.
class BuildTest {
    private static final String ID =
            "sha256:4e38e38c8ce0b8d9041a9c4fefe786631d1416225e13b0bfe8cfa2321aec4bba";
    private static final String RESULT =
            "{\"result\":{\"imageId\":\"" + ID + "\",\"metadata\":{\"image.name\":\"web\"}}}";

    @TempDir Path home;
    private Path context;
    private CommandLine line;
    private FakeBuilder builder;

    @BeforeEach
    void context() throws IOException {
        line = new CommandLine(home);
        context = Files.createDirectory(home.resolve("context"));
        file("Dockerfile", "FROM busybox\nCOPY . /app\nRUN exit 3\n");
    }

    @AfterEach
    void close() throws IOException {
        line.close();
        if (builder != null) {
            builder.close();
        }
    }

    private void file(String name, String text) throws IOException {
        Path file = context.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void serve(FakeBuilder.Script script) throws IOException {
        builder = new FakeBuilder(home, script);
        line.variables.put("CORTEN_HOST", "unix://" + builder.socket);
    }

    private static List<String> paths(List<FakeBuilder.Entry> entries) {
        return entries.stream().map(FakeBuilder.Entry::path).toList();
    }

    @Test
    void requestSaysWhatTheCommandLineSays() throws IOException {
        serve(b -> b.say(RESULT));
        line.variables.put("FROM_ENVIRONMENT", "e");
        int code =
                line.corten(
                        "build",
                        "-t",
                        "web",
                        "-t",
                        "x/y:2",
                        "--build-arg",
                        "A=b",
                        "--build-arg",
                        "FROM_ENVIRONMENT",
                        "--build-arg",
                        "UNSET",
                        "--target",
                        "last",
                        "--no-cache-filter",
                        "a,b",
                        "--platform",
                        "linux/amd64,linux/arm64",
                        "--label",
                        "l=1",
                        "--annotation",
                        "index:k=v",
                        "--network",
                        "none",
                        "--memory",
                        "64m",
                        "--ulimit",
                        "nofile=10:20",
                        "--add-host",
                        "h:1.2.3.4",
                        "-o",
                        "type=tar,dest=" + home.resolve("t"),
                        "--push",
                        "--cache-from",
                        "r/c:1",
                        "--provenance=mode=max",
                        "--allow",
                        "network.host",
                        "-q",
                        context.toString());
        assertThat(line.err()).isEmpty();
        assertThat(code).isZero();
        assertThat(line.out()).isEqualTo(ID + "\n");
        Json request = builder.request();
        assertThat(new String(base64(request.get("dockerfile")), StandardCharsets.UTF_8))
                .startsWith("FROM busybox\n");
        assertThat(request.get("dockerfileName").text("")).isEqualTo("Dockerfile");
        assertThat(request.get("context").get("type").text("")).isEqualTo("local");
        assertThat(request.get("context").get("key").text("")).endsWith(":" + context);
        assertThat(request.get("tags"))
                .hasToString("[\"docker.io/library/web:latest\",\"docker.io/x/y:2\"]");
        assertThat(request.get("buildArgs"))
                .hasToString("{\"A\":\"b\",\"FROM_ENVIRONMENT\":\"e\"}");
        assertThat(request.get("noCacheFilter")).hasToString("[\"a\",\"b\"]");
        assertThat(request.get("platforms")).hasToString("[\"linux/amd64\",\"linux/arm64\"]");
        assertThat(request.get("annotations")).hasToString("{\"index:k\":\"v\"}");
        assertThat(request.get("host"))
                .hasToString(
                        "{\"NetworkMode\":\"none\",\"Memory\":67108864,"
                                + "\"ExtraHosts\":[\"h:1.2.3.4\"],\"Ulimits\":"
                                + "[{\"Name\":\"nofile\",\"Soft\":10,\"Hard\":20}]}");
        assertThat(request.get("outputs"))
                .hasToString(
                        "[{\"type\":\"tar\",\"attributes\":{}},"
                                + "{\"type\":\"image\",\"attributes\":{\"push\":\"true\"}}]");
        assertThat(request.get("cacheFrom"))
                .hasToString("[{\"type\":\"registry\",\"attributes\":{\"ref\":\"r/c:1\"}}]");
        assertThat(request.get("attestations")).hasToString("{\"provenance\":\"mode=max\"}");
    }

    private static byte[] base64(Json text) {
        return Base64.getDecoder().decode(text.text(""));
    }

    @Test
    void listHasWhatIsNotIgnoredAndDirectoriesFirst() throws IOException {
        file(".dockerignore", "node_modules\n**/*.log\n!keep/**/this.log\nDockerfile\n");
        file("src/main.c", "int main;");
        file("node_modules/big/file", "x");
        file("a.log", "x");
        file("keep/deep/this.log", "y");
        file("keep/deep/other.log", "y");
        Files.createSymbolicLink(context.resolve("link"), Path.of("/etc/passwd"));
        var entries = new ArrayList<FakeBuilder.Entry>();
        serve(b -> {
            entries.addAll(b.list(1, "", "[]"));
            b.say(RESULT);
        });
        assertThat(line.corten("build", "-q", context.toString())).isZero();
        assertThat(paths(entries))
                .containsExactly(
                        ".dockerignore",
                        "keep",
                        "keep/deep",
                        "keep/deep/this.log",
                        "link",
                        "src",
                        "src/main.c");
        assertThat(entries.get(4).link()).isEqualTo("/etc/passwd");
        assertThat(entries.get(6).size()).isEqualTo(9);
    }

    @Test
    void ignoreFileOfTheDockerfileWins() throws IOException {
        file(".dockerignore", "a\n");
        file("other.dockerignore", "b\n");
        file("other", "FROM scratch\n");
        file("a", "");
        file("b", "");
        var entries = new ArrayList<FakeBuilder.Entry>();
        serve(b -> {
            entries.addAll(b.list(1, "", "[]"));
            b.say(RESULT);
        });
        String file = context.resolve("other").toString();
        assertThat(line.corten("build", "-q", "-f", file, context.toString())).isZero();
        assertThat(paths(entries)).contains("a").doesNotContain("b");
    }

    @Test
    void onlyWhatIsWantedIsListedAndWhereItsLinksLeadTo() throws IOException {
        file("a/one", "1");
        file("a/two", "2");
        file("b/real/file", "3");
        file("c/not", "4");
        Files.createSymbolicLink(context.resolve("way"), Path.of("b/real"));
        var entries = new ArrayList<FakeBuilder.Entry>();
        serve(b -> {
            entries.addAll(b.list(1, "", "[\"a/o*\",\"way/file\"]"));
            b.say(RESULT);
        });
        assertThat(line.corten("build", "-q", context.toString())).isZero();
        assertThat(paths(entries))
                .containsExactly("a", "a/one", "b", "b/real", "b/real/file", "way");
    }

    @Test
    void filesAreSentOnDemandAndNoOthersInTheirPlace() throws IOException {
        file("a/one", "first");
        file("big", "b".repeat(3_000_000));
        file("gone", "gone");
        file("other", "other");
        Path outside = Files.writeString(home.resolve("outside"), "secret");
        var bytes = new ByteArrayOutputStream();
        serve(b -> {
            List<String> paths = paths(b.list(1, "", "[]"));
            Files.delete(context.resolve("gone"));
            Files.delete(context.resolve("other"));
            Files.createSymbolicLink(context.resolve("other"), outside);
            var wanted = ByteBuffer.allocate(16);
            for (String name : List.of("a/one", "gone", "other", "big")) {
                wanted.putInt(paths.indexOf(name));
            }
            b.say("{\"ask\":\"files\",\"channel\":2,\"context\":\"\"}");
            b.give(2, wanted.array());
            bytes.writeBytes(b.take(2));
            b.say(RESULT);
        });
        assertThat(line.corten("build", "-q", context.toString())).isZero();
        var in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
        assertThat(in.readLong()).isEqualTo(5);
        assertThat(new String(in.readNBytes(5), StandardCharsets.UTF_8)).isEqualTo("first");
        assertThat(in.readLong()).isEqualTo(-1);
        assertThat(in.readLong()).isEqualTo(-1);
        assertThat(in.readLong()).isEqualTo(3_000_000);
        assertThat(in.readNBytes(3_000_001)).hasSize(3_000_000).containsOnly('b');
    }

    @Test
    void secretsComeFromFilesAndVariables() throws IOException {
        Path file = Files.writeString(home.resolve("token"), "of the file");
        line.variables.put("TOKEN", "of the variable");
        var given = new ArrayList<String>();
        serve(b -> {
            b.say("{\"ask\":\"secret\",\"channel\":1,\"id\":\"f\"}");
            given.add(new String(b.take(1), StandardCharsets.UTF_8));
            b.say("{\"ask\":\"secret\",\"channel\":2,\"id\":\"v\"}");
            given.add(new String(b.take(2), StandardCharsets.UTF_8));
            b.say("{\"ask\":\"secret\",\"channel\":3,\"id\":\"none\"}");
            b.take(3);
            given.add(b.failures.getOrDefault(3, "no failure"));
            b.say(RESULT);
        });
        int code =
                line.corten(
                        "build",
                        "-q",
                        "--secret",
                        "id=f,src=" + file,
                        "--secret",
                        "id=v,env=TOKEN",
                        context.toString());
        assertThat(code).isZero();
        assertThat(given)
                .containsExactly("of the file", "of the variable", "secret none: not found");
        assertThat(builder.request().get("secrets")).hasToString("[\"f\",\"v\"]");
    }

    @Test
    void directoryOutputTakesThePlaceOfWhatWasThereAndStaysInside() throws IOException {
        Path out = Files.createDirectory(home.resolve("out"));
        Files.writeString(out.resolve("kept"), "kept");
        Files.writeString(out.resolve("file"), "old and longer");
        Path outside = Files.createDirectory(home.resolve("elsewhere"));
        Files.createSymbolicLink(out.resolve("dir"), outside);
        var tar = new ByteArrayOutputStream();
        var writer = new TarWriter(tar);
        writer.add(TarEntry.file("file", 0600, 3), "new".getBytes(StandardCharsets.UTF_8));
        writer.add(TarEntry.directory("dir", 0755));
        writer.add(TarEntry.file("dir/f", 0644, 1), new byte[] {'f'});
        writer.add(TarEntry.file("../../escaped", 0644, 1), new byte[] {'e'});
        writer.finish();
        serve(b -> {
            b.say("{\"ask\":\"output\",\"channel\":1,\"output\":0}");
            b.give(1, tar.toByteArray());
            b.take(1);
            b.say(b.failures.isEmpty() ? RESULT : "{\"failure\":{\"message\":\"bad\"}}");
        });
        assertThat(line.corten("build", "-o", out.toString(), context.toString())).isZero();
        assertThat(out.resolve("kept")).hasContent("kept");
        assertThat(out.resolve("file")).hasContent("new");
        assertThat(out.resolve("dir")).isDirectory();
        assertThat(out.resolve("dir/f")).hasContent("f");
        assertThat(out.resolve("escaped")).hasContent("e");
        assertThat(outside).isEmptyDirectory();
        assertThat(home.resolve("escaped")).doesNotExist();
    }

    @Test
    void failureShowsTheLinesAndEndsAsTheCommandEnded() throws IOException {
        serve(b ->
                b.say(
                        "{\"failure\":{\"message\":\"process \\\"/bin/sh -c exit 3\\\" did"
                                + " not complete successfully: exit code: 3\",\"exitCode\":3,"
                                + "\"firstLine\":3,\"lastLine\":3,\"file\":\"Dockerfile\"}}"));
        assertThat(line.corten("build", context.toString())).isEqualTo(3);
        assertThat(line.err())
                .isEqualTo(
                        """
                        Dockerfile:3
                        --------------------
                           1 |     FROM busybox
                           2 |     COPY . /app
                           3 | >>> RUN exit 3
                           4 |    \s
                        --------------------
                        ERROR: failed to build: failed to solve: process "/bin/sh -c exit 3" did\
                         not complete successfully: exit code: 3
                        """);
    }

    @Test
    void filesSayWhatWasBuilt() throws IOException {
        serve(b -> b.say(RESULT));
        Path id = home.resolve("id");
        Path metadata = home.resolve("metadata.json");
        int code =
                line.corten(
                        "build",
                        "--iidfile",
                        id.toString(),
                        "--metadata-file",
                        metadata.toString(),
                        context.toString());
        assertThat(code).isZero();
        assertThat(id).hasContent(ID);
        assertThat(Files.readString(metadata)).isEqualTo("{\n  \"image.name\": \"web\"\n}");
        assertThat(line.out()).isEmpty();
    }

    @Test
    void checkReportsInTheWordsOfBuildx() throws IOException {
        String source =
                Base64.getEncoder()
                        .encodeToString(Files.readAllBytes(context.resolve("Dockerfile")));
        serve(b -> {
            b.say(
                    "{\"answer\":{\"warnings\":[{\"ruleName\":\"R\",\"url\":\"https://u/\","
                            + "\"detail\":\"what is wrong\",\"location\":{\"ranges\":"
                            + "[{\"start\":{\"line\":1},\"end\":{\"line\":1}}]}}],"
                            + "\"sources\":[{\"data\":\""
                            + source
                            + "\"}]}}");
            b.say("{\"result\":{\"metadata\":{}}}");
        });
        assertThat(line.corten("build", "--check", context.toString())).isEqualTo(1);
        assertThat(builder.request().get("call").text("")).isEqualTo("check");
        assertThat(line.out())
                .isEqualTo(
                        "Check complete, 1 warning has been found!\n\nWARNING: R - https://u/\n"
                                + "what is wrong\n"
                                + context
                                + "/Dockerfile:1\n--------------------\n"
                                + "   1 | >>> FROM busybox\n   2 |     COPY . /app\n"
                                + "   3 |     RUN exit 3\n--------------------\n\n");
    }

    @Test
    void explanationsAreATable() throws IOException {
        serve(b -> {
            b.say(
                    "{\"status\":{\"vertexes\":[{\"digest\":\"d\",\"name\":\"[2/2] COPY . /\","
                            + "\"started\":\"2026-11-22T07:04:05.6Z\","
                            + "\"completed\":\"2026-11-22T07:04:05.7Z\"}]}}");
            b.say("{\"explain\":{\"vertex\":\"d\",\"why\":\"main.c has changed\"}}");
            b.say(RESULT);
        });
        assertThat(line.corten("build", "--explain-cache", context.toString())).isZero();
        assertThat(line.err())
                .endsWith(
                        "\nSTEP             CACHED    WHY\n"
                                + "[2/2] COPY . /   no        main.c has changed\n");
    }

    @Test
    void standardInputIsAnArchiveOrADockerfile() throws IOException {
        serve(b -> b.say(RESULT));
        assertThat(line.corten(new FakeConsole("FROM scratch\n"), "build", "-q", "-")).isZero();
        assertThat(base64(builder.request().get("dockerfile")))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("FROM scratch\n");
        assertThat(builder.request().get("context").isAbsent()).isTrue();
    }

    @Test
    void whatTheNewerBuilderDoesNotDoIsSaid() throws IOException {
        serve(b -> b.say(RESULT));
        assertThat(line.corten("build", "--squash", context.toString())).isZero();
        assertThat(line.err()).contains("WARNING: experimental flag squash is removed");
    }

    @Test
    void refusalsAreThoseOfBuildx() throws IOException {
        serve(b -> b.say(RESULT));
        refused("unable to prepare context: path \"nowhere\" not found", "nowhere");
        String here = context.toString();
        refused(
                "failed to solve: failed to read dockerfile: open missing: no such file or"
                        + " directory",
                "-f",
                "missing",
                here);
        refused("invalid tag \"A\": repository name must be lowercase", "-t", "A", here);
        refused("unknown entitlement foo", "--allow", "foo", here);
        refused("dest is required for local exporter", "-o", "type=local", here);
        refused("tag is needed when pushing to registry", "--push", here);
        refused(
                "failed to stat nope: stat nope: no such file or directory",
                "--secret",
                "id=a,src=nope",
                here);
        refused(
                "failed to convert agent config {default [] false}: invalid empty ssh agent"
                        + " socket: make sure SSH_AUTH_SOCK is set",
                "--ssh",
                "default",
                here);
        refused("duplicate agent ID \"a\"", "--ssh", "a=/dev/null", "--ssh", "a=/dev/null", here);
        refused(
                "--no-cache and --no-cache-filter cannot currently be used together",
                "--no-cache",
                "--no-cache-filter",
                "a",
                here);
        refused(
                "network mode \"container:a\" not supported by buildkit",
                "--network",
                "container:a",
                here);
        refused("dest is required for oci exporter", "-o", "type=oci,tar=false", here);
        refused(
                "destination file " + here + " is a directory",
                "-o",
                "type=oci,dest=" + here,
                here);
        refused(
                "oci-layout reference \"oci-layout://nowhere:a\" could not be resolved: could not"
                        + " read nowhere/index.json: open nowhere/index.json: no such file or"
                        + " directory",
                "--build-context",
                "a=oci-layout://nowhere:a",
                here);
        for (String[] wrong :
                new String[][] {
                    {"--label", "=x", "invalid key-value pair \"=x\": empty key"},
                    {"--provenance", "foo", "invalid value foo"},
                    {
                        "--metadata-file",
                        "/nowhere/m",
                        "invalid output path: stat /nowhere: no such file or directory"
                    },
                    {
                        "--iidfile",
                        "/nowhere/i",
                        "writing image ID file: open /nowhere/i: no such file or directory"
                    },
                }) {
            assertThat(line.corten("build", wrong[0], wrong[1], here)).isEqualTo(1);
            assertThat(line.err()).endsWith("ERROR: " + wrong[2] + "\n");
        }
        assertThat(line.corten("build", "--secret", "foo", here)).isEqualTo(1);
        assertThat(line.err()).isEqualTo("ERROR: invalid field 'foo' must be a key=value pair\n");
        assertThat(line.corten("build", "--progress", "nope", here)).isEqualTo(1);
        assertThat(line.err()).isEqualTo("ERROR: invalid progress mode nope\n");
        assertThat(line.corten("build", "--builder", "nope", here)).isEqualTo(1);
        assertThat(line.err()).isEqualTo("ERROR: no builder \"nope\" found\n");
    }

    private void refused(String why, String... arguments) {
        var all = new ArrayList<>(List.of("build"));
        all.addAll(List.of(arguments));
        assertThat(line.corten(all.toArray(new String[0]))).isEqualTo(1);
        assertThat(line.err()).isEqualTo("ERROR: failed to build: " + why + "\n");
    }
}
