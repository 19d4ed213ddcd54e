package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where the files of a build come from.
@ExtendWith(BuildEngine.class)
class BuildContextTest {
    private static final String DOCKERFILE = "FROM busybox\nCOPY a /a\n";

    @TempDir static Path web;
    private static HttpServer server;

    @TempDir Path folder;

    @BeforeAll
    static void serve() throws IOException {
        Path work = web.resolve("work");
        Files.createDirectories(work.resolve("sub"));
        Files.writeString(work.resolve("Dockerfile"), DOCKERFILE);
        Files.writeString(work.resolve("a"), "main\n");
        Files.writeString(work.resolve("sub/Dockerfile"), DOCKERFILE);
        Files.writeString(work.resolve("sub/a"), "sub\n");
        run(work, "git", "init", "-q", "-b", "master");
        commit(work);
        run(work, "git", "tag", "v1");
        Files.writeString(work.resolve("a"), "other\n");
        run(work, "git", "checkout", "-q", "-b", "other");
        commit(work);
        run(work, "git", "checkout", "-q", "master");
        run(web, "git", "clone", "-q", "--bare", "work", "r.git");
        run(web.resolve("r.git"), "git", "update-server-info");
        run(web, "tar", "-czf", "context.tar.gz", "-C", "work", "Dockerfile", "a");
        Files.writeString(web.resolve("alone"), "FROM busybox\nRUN echo alone > /a\n");
        Files.writeString(web.resolve("data.txt"), "data\n");
        server =
                SimpleFileServer.createFileServer(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        web,
                        SimpleFileServer.OutputLevel.NONE);
        server.start();
    }

    @AfterAll
    static void stop() {
        server.stop(0);
    }

    private static void commit(Path work) {
        run(work, "git", "add", "-A");
        run(work, "git", "-c", "user.name=n", "-c", "user.email=e@e", "commit", "-qm", "m");
    }

    private static void run(Path directory, String... command) {
        var whole = new ArrayList<>(List.of("env", "-C", directory.toString()));
        whole.addAll(List.of(command));
        Running.run(whole.toArray(String[]::new)).ok();
    }

    private static String url(String name) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + name;
    }

    private static Client client(Engine engine, String program) {
        return program.equals("docker") ? engine.docker() : engine.corten();
    }

    private static String built(Engine engine, String image) {
        return engine.docker().ok("run", "--rm", image, "cat", "/a");
    }

    private void write(String name, String text) {
        try {
            Files.createDirectories(folder.resolve(name).getParent());
            Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({"BLD-27", "BLD-34"})
    void repositories(String program, Engine engine) {
        Client client = client(engine, program);
        client.ok("build", "-t", "git1", url("r.git"));
        assertThat(built(engine, "git1")).isEqualTo("main");
        client.ok("build", "-t", "git2", url("r.git#other"));
        assertThat(built(engine, "git2")).isEqualTo("other");
        client.ok("build", "-t", "git3", url("r.git#v1:sub"));
        assertThat(built(engine, "git3")).isEqualTo("sub");
    }

    @Test
    @Shows("BLD-27")
    void repositoriesThatCannotBeHad(Engine engine) {
        Client corten = engine.corten();
        Finished noRef = corten.run("build", url("r.git#nope"));
        assertThat(noRef.status()).isEqualTo(1);
        assertThat(noRef.err()).contains("repository does not contain ref nope");
        assertThat(corten.run("build", url("r.git#:nosub")).err())
                .contains("invalid subdir /nosub");
        assertThat(corten.run("build", url("none.git")).err())
                .contains("error fetching default branch for repository " + url("none.git"));
        assertThat(corten.run("build", url("r.git#--upload-pack=touch")).status()).isNotZero();
        assertThat(temporary(engine)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows("BLD-27")
    void theWeb(String program, Engine engine) throws IOException {
        Client client = client(engine, program);
        client.ok("build", "-t", "web1", url("context.tar.gz"));
        assertThat(built(engine, "web1")).isEqualTo("main");
        client.ok("build", "-t", "web2", url("alone"));
        assertThat(built(engine, "web2")).isEqualTo("alone");
        assertThat(client.run("build", url("none.tar")).status()).isNotZero();
        assertThat(openFiles(engine)).noneMatch(file -> file.contains("/context"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows("BLD-27")
    void standardInput(String program, Engine engine) throws IOException {
        Client client = client(engine, program);
        byte[] tar = Files.readAllBytes(web.resolve("context.tar.gz"));
        client.runWithInput(tar, "build", "-t", "in1", "-").ok();
        assertThat(built(engine, "in1")).isEqualTo("main");
        byte[] file = "FROM busybox\nRUN echo in > /a\n".getBytes(UTF_8);
        client.runWithInput(file, "build", "-t", "in2", "-").ok();
        assertThat(built(engine, "in2")).isEqualTo("in");
    }

    @Test
    @Shows("BLD-22")
    void aDirectoryIsWhatAStageBeginsWith(Engine engine) {
        write("Dockerfile", "FROM files AS a\nCOPY f /g\nFROM busybox\nCOPY --from=a / /all\n");
        write("f", "of the context\n");
        write("more/f", "of the directory\n");
        String files = "files=" + folder.resolve("more");
        engine.corten().ok("build", "-t", "dir1", "--build-context", files, folder.toString());
        assertThat(engine.docker().ok("run", "--rm", "dir1", "cat", "/all/f", "/all/g"))
                .isEqualTo("of the directory\nof the context");
        engine.corten()
                .ok(
                        "build",
                        "-t",
                        "dir2",
                        "--target=a",
                        "--build-context",
                        files,
                        folder.toString());
        assertThat(engine.docker().ok("image", "inspect", "-f", "{{len .RootFS.Layers}}", "dir2"))
                .isEqualTo("2");
        assertThat(engine.docker().ok("history", "-q", "dir2").lines()).hasSize(2);
    }

    @Test
    @Shows("BLD-22")
    void aContextTakesThePlaceOfAStage(Engine engine) {
        write(
                "Dockerfile",
                "FROM busybox AS base\nRUN exit 7\nFROM base\nRUN ls / >/a && ! grep -w b /a\n");
        engine.corten()
                .ok("build", "--build-context", "base=docker-image://busybox", folder.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows("DF-08")
    void aVariableNamesTheStageToBeginWith(String program, Engine engine) {
        write(
                "Dockerfile",
                """
                ARG KIND=debug
                FROM busybox AS debug
                RUN echo debug > /a
                FROM busybox AS release
                RUN echo release > /a
                FROM ${KIND}
                """);
        Client client = client(engine, program);
        client.ok("build", "-t", "kind", folder.toString());
        assertThat(built(engine, "kind")).isEqualTo("debug");
        client.ok("build", "-t", "kind", "--build-arg", "KIND=release", folder.toString());
        assertThat(built(engine, "kind")).isEqualTo("release");
    }

    @Test
    @Shows("BLD-22")
    void namedContexts(Engine engine) {
        write(
                "Dockerfile",
                """
                FROM base
                COPY --from=files f /f
                COPY --from=repo a /a
                """);
        write("more/f", "file\n");
        engine.corten()
                .ok(
                        "build",
                        "-t",
                        "named",
                        "--build-context",
                        "files=" + folder.resolve("more"),
                        "--build-context",
                        "repo=" + url("r.git#other"),
                        "--build-context",
                        "base=docker-image://busybox",
                        folder.toString());
        assertThat(built(engine, "named")).isEqualTo("other");
        assertThat(engine.docker().ok("run", "--rm", "named", "cat", "/f")).isEqualTo("file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    void addFetches(String program, Engine engine) {
        write("Dockerfile", "FROM busybox\nADD " + url("data.txt") + " /a\n");
        client(engine, program).ok("build", "-t", "add1", folder.toString());
        assertThat(built(engine, "add1")).isEqualTo("data");
        assertThat(engine.docker().ok("run", "--rm", "add1", "stat", "-c", "%a %u", "/a"))
                .isEqualTo("600 0");
        write(
                "Dockerfile",
                "FROM busybox\nADD --checksum=sha256:"
                        + "0".repeat(64)
                        + " "
                        + url("data.txt")
                        + " /a\n");
        Finished other = engine.corten().run("build", folder.toString());
        assertThat(other.status()).isEqualTo(1);
        assertThat(other.err()).contains("digest mismatch sha256:");
        write("Dockerfile", "FROM busybox\nADD " + url("r.git#v1") + " /r\nRUN cp /r/a /a\n");
        engine.corten().ok("build", "-t", "add2", folder.toString());
        assertThat(built(engine, "add2")).isEqualTo("main");
    }

    @Test
    @Shows({"BLD-07", "BLD-08"})
    void onlyWhatHasChangedIsSent(Engine engine) {
        write("Dockerfile", "FROM busybox\nCOPY . /all\n");
        write("big", "x".repeat(3_000_000));
        write("d/small", "one");
        assertThat(sent(engine)).endsWith("MB");
        assertThat(sent(engine)).endsWith("B").doesNotContain("MB");
        write("d/small", "other");
        assertThat(sent(engine)).endsWith("B").doesNotContain("MB");
        assertThat(engine.docker().ok("run", "--rm", "sent", "cat", "/all/d/small"))
                .isEqualTo("other");
        engine.kill();
        engine.open();
        write("d/small", "again");
        assertThat(sent(engine)).endsWith("B").doesNotContain("MB");
        assertThat(engine.docker().ok("run", "--rm", "sent", "cat", "/all/d/small"))
                .isEqualTo("again");
    }

    /// How much came of the context.
    private String sent(Engine engine) {
        Finished build =
                engine.corten().run("build", "--progress=plain", "-t", "sent", folder.toString());
        build.ok();
        return build.err()
                .lines()
                .filter(line -> line.contains("transferring context:"))
                .map(line -> line.replaceAll(".*context: ([0-9.]+[kMG]?B).*", "$1"))
                .reduce((_, last) -> last)
                .orElse("nothing was sent");
    }

    @Test
    void aClientThatLeavesEndsItsBuild(Engine engine) throws IOException {
        write("Dockerfile", "FROM busybox\nRUN echo begun; sleep 99173\n");
        try (var build = engine.corten().start("build", "--progress=plain", folder.toString())) {
            build.err().awaitText("the step runs", text -> text.contains(" begun\n"));
            assertThat(sleepers()).isEqualTo(1);
        }
        Eventually.holds("the step has ended", () -> sleepers() == 0);
        Eventually.holds("nothing is left", () -> temporary(engine).isEmpty());
    }

    /// Commands of the step above.
    private static long sleepers() throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes.filter(BuildContextTest::isSleeper).count();
        }
    }

    private static boolean isSleeper(Path process) {
        try {
            return Files.readString(process.resolve("cmdline")).equals("sleep\u000099173\u0000");
        } catch (IOException gone) {
            return false;
        }
    }

    private static List<String> temporary(Engine engine) {
        try (Stream<Path> names = Files.list(engine.dataRoot().resolve("tmp"))) {
            return names.map(path -> path.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> openFiles(Engine engine) throws IOException {
        var names = new ArrayList<String>();
        try (DirectoryStream<Path> open =
                Files.newDirectoryStream(Path.of("/proc/" + engine.pid() + "/fd"))) {
            for (Path link : open) {
                try {
                    names.add(Files.readSymbolicLink(link).toString());
                } catch (NoSuchFileException closed) {
                    continue; // meanwhile
                }
            }
        }
        return names;
    }
}
