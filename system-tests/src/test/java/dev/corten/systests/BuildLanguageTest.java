package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a Dockerfile may say that the corpus cannot: files of servers, repositories, agents, and what
/// is refused.
@ExtendWith(BuildEngine.class)
class BuildLanguageTest {
    /// Serves what is in a folder.
    private static HttpServer serve(Path folder) throws IOException {
        var server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        Path file = folder.resolve(exchange.getRequestURI().getPath().substring(1));
                        boolean there = Files.isRegularFile(file);
                        byte[] body = there ? Files.readAllBytes(file) : new byte[0];
                        exchange.getResponseHeaders()
                                .add("Last-Modified", "Tue, 14 Nov 2023 22:13:20 GMT");
                        exchange.sendResponseHeaders(
                                there ? 200 : 404, body.length == 0 ? -1 : body.length);
                        exchange.getResponseBody().write(body);
                    }
                });
        server.start();
        return server;
    }

    private static String run(Engine engine, String tag, String command) {
        return engine.docker().ok("run", "--rm", tag, "sh", "-c", command);
    }

    @Test
    @Shows("DF-35")
    void addsFilesOfTheWeb(Engine engine) throws IOException {
        try (var build = BuildFolder.of(engine, "corten");
                var files = Scratch.folder("corten-web")) {
            Files.writeString(files.file("file.txt"), "hello\n");
            Files.write(files.file("a.tar"), new Tar().file("in/side", "x").bytes());
            HttpServer server = serve(files.path());
            try {
                String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
                String sum = Image.sha256("hello\n".getBytes(UTF_8));
                build.dockerfile(
                        "FROM busybox",
                        "ADD " + url + "file.txt /one/",
                        "ADD --checksum=sha256:" + sum + " --chmod=640 " + url + "file.txt /two",
                        "ADD " + url + "a.tar /packed/",
                        "ADD --unpack=true " + url + "a.tar /unpacked/");
                build.build("-t", "web").ok();
                assertThat(run(engine, "web", "stat -c '%a %Y' /one/file.txt; cat /two"))
                        .isEqualTo("600 1700000000\nhello");
                assertThat(run(engine, "web", "stat -c %a /two; ls /packed; cat /unpacked/in/side"))
                        .isEqualTo("640\na.tar\nx");

                build.dockerfile(
                        "FROM busybox",
                        "ADD --checksum=sha256:" + "0".repeat(64) + " " + url + "file.txt /x");
                assertThat(build.build().status()).isEqualTo(1);
                build.refused("digest mismatch", sum);
                build.dockerfile("FROM busybox", "ADD " + url + "none /x");
                assertThat(build.build().status()).isEqualTo(1);
                build.refused("404");
            } finally {
                server.stop(0);
            }
        }
    }

    @Test
    @Shows({"DF-36", "BLD-34", "BLD-27"})
    void addsRepositories(Engine engine) throws IOException {
        try (var build = BuildFolder.of(engine, "corten");
                var files = Scratch.folder("corten-git")) {
            var environment =
                    Map.of(
                            "HOME", files.path().toString(),
                            "GIT_CONFIG_NOSYSTEM", "1",
                            "GIT_AUTHOR_NAME", "a",
                            "GIT_AUTHOR_EMAIL", "a@x",
                            "GIT_COMMITTER_NAME", "a",
                            "GIT_COMMITTER_EMAIL", "a@x");
            String script =
                    "set -e; cd "
                            + files.path()
                            + "; git init -q -b main w; cd w; mkdir sub; echo f >sub/f;"
                            + " printf 'FROM busybox\\nCOPY . /ctx\\n' >Dockerfile;"
                            + " cp Dockerfile sub; git add .; git commit -qm one; git tag v1;"
                            + " echo later >later; git add .; git commit -qm two; cd ..;"
                            + " git clone -q --bare w r.git; git -C r.git update-server-info";
            try (var making = Running.start(java.util.List.of("sh", "-c", script), environment)) {
                making.closeInput();
                making.await().ok();
            }
            HttpServer server = serve(files.path());
            try {
                String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/r.git";
                build.dockerfile(
                        "FROM busybox",
                        "ADD " + url + "#main /all",
                        "ADD " + url + "#v1:sub /sub",
                        "ADD --keep-git-dir=true " + url + "#v1 /kept");
                build.build("-t", "git").ok();
                assertThat(run(engine, "git", "ls -A /all; ls -A /sub; ls -A /kept"))
                        .isEqualTo("Dockerfile\nlater\nsub\nDockerfile\nf\n.git\nDockerfile\nsub");

                try (var remote = build.startAt(url + "#v1:sub", "-t", "remote")) {
                    remote.closeInput();
                    remote.await().ok();
                }
                assertThat(run(engine, "remote", "ls -A /ctx")).isEqualTo("Dockerfile\nf");
            } finally {
                server.stop(0);
            }
        }
    }

    @Test
    @Shows({"DF-20", "BLD-19"})
    void agentsOfTheOneWhoBuilds(Engine engine) throws IOException {
        try (var build = BuildFolder.of(engine, "corten");
                var files = Scratch.folder("corten-agent")) {
            Path socket = files.file("s");
            try (var agent =
                    Running.start(
                            java.util.List.of("ssh-agent", "-D", "-a", socket.toString()),
                            Map.of())) {
                Eventually.holds("the agent listens", () -> Files.exists(socket));
                build.dockerfile(
                        "FROM busybox",
                        "RUN --mount=type=ssh,uid=7,mode=0640"
                                + " test -S $SSH_AUTH_SOCK && stat -c '%u %a' $SSH_AUTH_SOCK >/o",
                        "RUN test -z \"$SSH_AUTH_SOCK\"",
                        "RUN --mount=type=ssh,id=other true");
                build.build("-t", "ssh", "--ssh", "default=" + socket).ok();
                assertThat(run(engine, "ssh", "cat /o")).isEqualTo("7 640");
                assertThat(agent.isAlive()).isTrue();
                build.dockerfile("FROM busybox", "RUN --mount=type=ssh,required true");
                assertThat(build.build().status()).isEqualTo(1);
                build.refused("ssh");
            }
        }
    }

    @Test
    @Shows({"DF-19", "BLD-19"})
    void secretsAreNowhere(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile(
                    "FROM busybox",
                    "RUN --mount=type=secret,id=s cat /run/secrets/s | wc -c >/length",
                    "RUN --mount=type=secret,id=s,env=S test -n \"$S\" && echo yes >/env",
                    "RUN test -z \"$S\" && ls -A /run >/run-is; true");
            build.file("secret", "very-hidden-words");
            build.build("-t", "secret", "--secret", "id=s,src=secret").ok();
            assertThat(run(engine, "secret", "cat /length /env /run-is")).isEqualTo("17\nyes");
            assertThat(build.said()).doesNotContain("very-hidden-words");
            BuiltImage image = BuiltImage.saved(engine.api(), "secret");
            assertThat(image.configText()).doesNotContain("very-hidden-words");
            Finished found =
                    Running.run("grep", "-rl", "very-hidden-words", engine.dataRoot().toString());
            assertThat(found.out()).isEmpty();
            // Another value is no reason to run again.
            build.file("secret", "other");
            build.build("-t", "secret", "--secret", "id=s,src=secret").ok();
            assertThat(run(engine, "secret", "cat /length")).isEqualTo("17");
        }
    }

    @Test
    @Shows("DF-24")
    void devicesAreRefused(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile("FROM busybox", "RUN --device=vendor.com/gpu=all true");
            assertThat(build.build().status()).isEqualTo(1);
            build.refused("device");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({"DF-03", "DF-52"})
    void whatTheTutorialHasLost(String program, Engine engine) {
        try (var build = BuildFolder.of(engine, program)) {
            build.dockerfile("# Node.js 20", "WORKDIR /usr/src/app");
            assertThat(build.build().status()).isEqualTo(1);
            build.refused("no build stage in current context");
            build.dockerfile("FROM ubuntu:18.04 // base", "RUN true");
            assertThat(build.build().status()).isEqualTo(1);
            build.refused("FROM requires either one or three arguments");
            if (program.equals("corten")) {
                build.refused("1 | >>> FROM ubuntu:18.04 // base");
            }
        }
    }

    @Test
    @Shows("DF-53")
    void aSyntaxLineNeedsNoDownload(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile("# syntax=docker.io/docker/dockerfile:1.99-labs", "FROM busybox");
            build.build().ok();
            build.dockerfile("# check=error=true", "FROM busybox", "MAINTAINER me");
            assertThat(build.build().status()).isEqualTo(1);
            build.refused("MaintainerDeprecated");
        }
    }

    @Test
    @Shows({"BLD-10", "BLD-27"})
    void contextsFromAnywhere(Engine engine) throws IOException {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.file("sub/f", "x\n");
            try (var running = build.startAt("-", "-t", "stdin")) {
                running.feed("FROM busybox\nRUN echo 1 >/1\n".getBytes(UTF_8));
                running.await().ok();
            }
            assertThat(run(engine, "stdin", "cat /1")).isEqualTo("1");
            build.buildWithInput("FROM busybox\nCOPY sub /s\n", "-t", "file", "-f", "-").ok();
            assertThat(run(engine, "file", "cat /s/f")).isEqualTo("x");
            byte[] tar =
                    new Tar()
                            .file("Dockerfile", "FROM busybox\nCOPY a /a\n")
                            .file("a", "t")
                            .bytes();
            try (var running = build.startAt("-", "-t", "tar")) {
                running.feed(tar);
                running.await().ok();
            }
            assertThat(run(engine, "tar", "cat /a")).isEqualTo("t");
            Files.write(build.path("context.tar"), tar);
            HttpServer server = serve(build.path("."));
            try {
                String url = "http://127.0.0.1:" + server.getAddress().getPort();
                try (var running = build.startAt(url + "/context.tar", "-t", "http")) {
                    running.closeInput();
                    running.await().ok();
                }
                assertThat(run(engine, "http", "cat /a")).isEqualTo("t");
            } finally {
                server.stop(0);
            }
        }
    }
}
