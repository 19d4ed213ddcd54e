package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Keys of the client, which builds use and never have.
@ExtendWith(BuildEngine.class)
class BuildSshTest {
    private static final String[] KINDS = {"ed25519", "rsa", "ecdsa"};

    private static void key(BuildFolder build, String kind, String password) {
        Running.run(
                        "ssh-keygen",
                        "-q",
                        "-t",
                        kind,
                        "-N",
                        password,
                        "-f",
                        build.path(kind + password).toString())
                .ok();
    }

    /// A program of this machine, with its libraries, below `root`.
    private static void program(BuildFolder build, String program) {
        copy(build, Path.of(program));
        Running.run("ldd", program)
                .ok()
                .lines()
                .map(line -> line.replaceFirst("^.*=> ", "").strip().split(" ", 2)[0])
                .filter(path -> path.startsWith("/"))
                .forEach(path -> copy(build, Path.of(path)));
    }

    private static void copy(BuildFolder build, Path file) {
        try {
            Path to = build.path("root" + file);
            Files.createDirectories(to.getParent());
            Files.copy(file.toRealPath(), to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Shows({"BLD-19", "DF-20"})
    void keysOfFilesSignAndStayWhereTheyAre(Engine engine) throws IOException {
        Machine.hasProgram("ssh-keygen");
        try (var build = BuildFolder.of(engine, "corten")) {
            program(build, "/usr/bin/ssh-add");
            program(build, "/usr/bin/ssh-keygen");
            build.file("root/etc/passwd", "root:x:0:0:root:/:/bin/sh\n");
            build.file(".dockerignore", "*\n!root\n!*.pub\n!text\n");
            build.file("text", "what is signed\n");
            var lines =
                    new ArrayList<>(List.of("FROM busybox", "COPY root /", "COPY *.pub text /w/"));
            lines.add("RUN --mount=type=ssh ssh-add -L >/keys");
            for (String kind : KINDS) {
                key(build, kind, "");
                lines.add(
                        "RUN --mount=type=ssh cd /w && ssh-keygen -q -Y sign -n test -f "
                                + kind
                                + ".pub text && mv text.sig /"
                                + kind
                                + ".sig");
            }
            lines.add("RUN --mount=type=ssh ! ssh-add -D && ssh-add -L | cmp - /keys");
            build.dockerfile(lines.toArray(String[]::new));
            build.build("-t", "signed", "--ssh", "default=ed25519,rsa,ecdsa").ok();
            String listed = engine.docker().ok("run", "--rm", "signed", "cat", "/keys");
            for (String kind : KINDS) {
                String[] half = Files.readString(build.path(kind + ".pub")).split(" ", 3);
                assertThat(listed).contains(half[0] + " " + half[1]);
                build.file(
                        kind + ".sig",
                        engine.docker().ok("run", "--rm", "signed", "cat", "/" + kind + ".sig")
                                + "\n");
                try (var check =
                        Running.start(
                                List.of(
                                        "ssh-keygen",
                                        "-Y",
                                        "check-novalidate",
                                        "-n",
                                        "test",
                                        "-s",
                                        build.path(kind + ".sig").toString()),
                                Map.of())) {
                    check.feed(Files.readAllBytes(build.path("text")));
                    assertThat(check.await().ok()).contains("Good");
                }
            }
        }
    }

    @Test
    @Shows("BLD-19")
    void keysThatCannotBeUsed(Engine engine) {
        Machine.hasProgram("ssh-keygen");
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile("FROM busybox", "RUN true");
            assertThat(build.build().status()).isZero();
            key(build, "ed25519", "password");
            assertThat(build.build("--ssh", "default=ed25519password").status()).isEqualTo(1);
            build.refused(
                    "failed to parse ed25519password: ssh: this private key is passphrase"
                            + " protected");
            assertThat(build.build("--ssh", "default=Dockerfile").status()).isEqualTo(1);
            build.refused("failed to parse Dockerfile: ssh: no key found");
        }
    }

    /// Only where there is a server: the machine's own is not asked.
    @Test
    @Shows({"BLD-27", "BLD-19"})
    void repositoriesBehindSshAreReadWithTheClientsKeys(Engine engine) throws IOException {
        Path sshd = Path.of("../target/openssh-server/usr/sbin/sshd").toAbsolutePath().normalize();
        Machine.hasSshServer(sshd);
        try (var build = BuildFolder.of(engine, "corten");
                var server = SshServer.start(sshd, build.path("server"))) {
            key(build, "ed25519", "");
            server.allow(Files.readString(build.path("ed25519.pub")));
            Path work = build.path("work");
            build.file("work/Dockerfile", "FROM busybox\nCOPY a /a\n").file("work/a", "by ssh\n");
            for (String command :
                    List.of(
                            "git init -q -b master",
                            "git add -A",
                            "git -c user.name=n -c user.email=e@e commit -qm m")) {
                var words = new ArrayList<>(List.of("env", "-C", work.toString()));
                words.addAll(List.of(command.split(" ")));
                Running.run(words.toArray(String[]::new)).ok();
            }
            String url = "ssh://root@127.0.0.1:" + server.port() + work + "/.git";
            Client corten = engine.corten();
            corten.ok("build", "-t", "behind", "--ssh", "default=" + build.path("ed25519"), url);
            assertThat(engine.docker().ok("run", "--rm", "behind", "cat", "/a"))
                    .isEqualTo("by ssh");
            build.dockerfile("FROM busybox", "ADD " + url + " /r");
            build.build("-t", "added", "--ssh", "default=ed25519").ok();
            assertThat(engine.docker().ok("run", "--rm", "added", "cat", "/r/a"))
                    .isEqualTo("by ssh");
            assertThat(build.build().status()).isEqualTo(1);
            build.refused("unset ssh forward key default");
            Finished none = corten.run("build", url);
            assertThat(none.status()).isEqualTo(1);
            assertThat(none.err()).contains("invalid empty ssh agent socket");
        }
    }
}
