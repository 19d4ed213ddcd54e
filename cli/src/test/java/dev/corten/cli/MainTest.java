package dev.corten.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.cli.console.Environment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
    @TempDir Path folder;
    private FakeDaemon daemon;
    private FakeConsole console = new FakeConsole("");

    @BeforeEach
    void open() throws IOException {
        daemon = new FakeDaemon(folder);
    }

    @AfterEach
    void close() throws IOException {
        daemon.close();
    }

    private int corten(String... args) {
        var environment =
                new Environment(
                        Map.of(
                                "CORTEN_HOST",
                                "unix://" + daemon.socket,
                                "HOME",
                                folder.toString(),
                                "GREETING",
                                "안녕 \udcff"));
        return Main.run(List.of(args), console, environment);
    }

    private String out() {
        return console.out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return console.err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void runCreatesAttachesWaitsAndStartsInThisOrder() {
        assertThat(corten("run", "--rm", "--name", "x", "busybox", "echo", "hi")).isEqualTo(7);
        assertThat(out()).isEqualTo("hello\n");
        assertThat(err()).isEqualTo("oops\n");
        String id = FakeDaemon.ID;
        assertThat(daemon.requests).hasSize(4);
        assertThat(daemon.requests.get(0)).startsWith("POST /containers/create?name=x {");
        assertThat(daemon.requests.subList(1, 4))
                .containsExactly(
                        "POST /containers/" + id + "/attach?stderr=1&stdout=1&stream=1",
                        "POST /containers/" + id + "/wait?condition=removed",
                        "POST /containers/" + id + "/start");
    }

    @Test
    void createSendsWhatDockerSends() throws IOException {
        int status =
                corten(
                        "run",
                        "-d",
                        "-m",
                        "64m",
                        "--cpus",
                        "1.5",
                        "--ulimit",
                        "nofile=10:20",
                        "--tmpfs",
                        "/t:size=1m",
                        "--device",
                        "/dev/fuse",
                        "--mount",
                        "type=bind,src=/tmp,dst=/x,readonly",
                        "-v",
                        "/a:/b:ro",
                        "-v",
                        "vol:/c",
                        "-v",
                        "/anon",
                        "--network",
                        "foo",
                        "--network-alias",
                        "al",
                        "--ip",
                        "1.2.3.4",
                        "--health-cmd",
                        "true",
                        "--health-interval",
                        "5s",
                        "--restart",
                        "on-failure:3",
                        "--gpus",
                        "all",
                        "--sysctl",
                        "net.a=b",
                        "--log-opt",
                        "x=y",
                        "--log-driver",
                        "json-file",
                        "--link",
                        "a:b",
                        "--entrypoint",
                        "",
                        "--security-opt",
                        "seccomp=unconfined",
                        "--shm-size",
                        "1g",
                        "--annotation",
                        "q=w",
                        "--cap-add",
                        "SYS_ADMIN",
                        "--stop-timeout",
                        "5",
                        "--label",
                        "l=1",
                        "--expose",
                        "90-92",
                        "--add-host",
                        "h:1.1.1.1",
                        "--dns",
                        "8.8.8.8",
                        "--init",
                        "--blkio-weight",
                        "10",
                        "--pids-limit",
                        "5",
                        "--storage-opt",
                        "size=5g",
                        "--device-read-bps",
                        "/dev/sda:1mb",
                        "--volumes-from",
                        "q",
                        "--group-add",
                        "5",
                        "busybox");
        assertThat(status).isZero();
        assertThat(out()).isEqualTo(FakeDaemon.ID + "\n");
        assertThat(body()).isEqualTo(golden("create-many.json"));
    }

    @Test
    void createOfPortsMountsAndNamespacesSendsWhatDockerSends() throws IOException {
        corten(
                "run",
                "-d",
                "--mount",
                "type=tmpfs,dst=/x,tmpfs-size=1m,tmpfs-mode=1777",
                "--mount",
                "type=volume,src=v,dst=/y,volume-nocopy,volume-opt=a=b,volume-driver=l,"
                        + "volume-label=x=y,volume-subpath=s",
                "--mount",
                "type=bind,src=/tmp,dst=/z,bind-propagation=rprivate,bind-recursive=readonly,ro",
                "--gpus",
                "device=1,\"capabilities=a,b\"",
                "-p",
                "1000-1002:2000-2002",
                "-p",
                "3000-3005:80",
                "--network",
                "host",
                "--pid",
                "host",
                "--ipc",
                "host",
                "--no-healthcheck",
                "-h",
                "myhost",
                "--domainname",
                "dm",
                "busybox");
        assertThat(body()).isEqualTo(golden("create-namespaces.json"));
    }

    private String body() {
        String request = daemon.requests.getFirst();
        return request.substring(request.indexOf('{'));
    }

    private static String golden(String name) throws IOException {
        try (var in = MainTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }

    @Test
    void bytesThatAreNoUtf8ReachTheDaemon() {
        corten("create", "-e", "GREETING", "-e", "ABSENT", "busybox", "echo", "한글", "\udcff");
        assertThat(body())
                .contains("\"Env\":[\"GREETING=안녕 \\udcff\",\"ABSENT\"]")
                .contains("\"Cmd\":[\"echo\",\"한글\",\"\\udcff\"]");
    }

    @Test
    void inputGoesToTheContainerAndEnds() {
        console = new FakeConsole("some input");
        assertThat(corten("run", "-i", "busybox", "cat")).isEqualTo(7);
        assertThat(out()).isEqualTo("hello\nin: some input");
    }

    @Test
    void absentImageIsPulled() {
        daemon.answer(
                "POST /containers/create", 404, "{\"message\":\"No such image: nope:latest\"}");
        daemon.answer("POST /images/create", 200, "{\"error\":\"no pull yet\"}\n");
        assertThat(corten("run", "nope")).isEqualTo(125);
        assertThat(daemon.requests.get(1))
                .isEqualTo("POST /images/create?fromImage=docker.io%2Flibrary%2Fnope&tag=latest");
        assertThat(err())
                .isEqualTo(
                        """
                        Unable to find image 'nope:latest' locally
                        corten: no pull yet

                        Run 'corten run --help' for more information
                        """);
    }

    @Test
    void failuresOfStartAreExitCodes() {
        daemon.answer(
                "POST /containers/" + FakeDaemon.ID + "/start",
                400,
                "{\"message\":\"exec: \\\"x\\\": executable file not found in $PATH\"}");
        assertThat(corten("run", "busybox", "x")).isEqualTo(127);
        daemon.answer(
                "POST /containers/" + FakeDaemon.ID + "/start",
                400,
                "{\"message\":\"exec: \\\"/etc\\\": permission denied\"}");
        assertThat(corten("run", "busybox", "/etc")).isEqualTo(126);
        assertThat(err())
                .startsWith(
                        """
                        corten: Error response from daemon: exec: "x": executable file not found \
                        in $PATH

                        Run 'corten run --help' for more information
                        """);
    }

    @Test
    void psPrintsDockersTable() {
        daemon.answer("GET /containers/json", 200, containers());
        assertThat(corten("ps")).isZero();
        assertThat(out())
                .isEqualTo(
                        """
                        CONTAINER ID   IMAGE     COMMAND                  CREATED       STATUS         PORTS                                                NAMES
                        4e38e38c8ce0   busybox   "sh -c 'sleep 100000…"   3 years ago   Up 5 minutes   81-82/tcp, 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp   web
                        """);
        assertThat(daemon.requests.getFirst()).isEqualTo("GET /containers/json");
    }

    @Test
    void psFormats() {
        daemon.answer("GET /containers/json", 200, containers());
        corten("container", "ls", "-aq", "--filter", "status=running");
        corten("ps", "-n", "2", "--format", "table {{.Names}}\\t{{.Label \"a\"}}");
        corten("ps", "--format", "{{.Names}}: {{.State}} {{json .Labels}}");
        assertThat(out())
                .isEqualTo("4e38e38c8ce0\nNAMES     a\nweb       b\nweb: running \"a=b,c=d\"\n");
        assertThat(daemon.requests.get(0))
                .isEqualTo(
                        "GET /containers/json?all=1&filters="
                                + "%7B%22status%22%3A%7B%22running%22%3Atrue%7D%7D");
        assertThat(daemon.requests.get(1)).isEqualTo("GET /containers/json?limit=2");
    }

    private static String containers() {
        long created = System.currentTimeMillis() / 1000 - 3L * 366 * 86400;
        return """
        [{"Id":"ID","Names":["/web","/other/web"],"Image":"busybox","ImageID":"sha256:ab",
         "Command":"sh -c 'sleep 1000000000000'","Created":CREATED,"Ports":[
         {"IP":"0.0.0.0","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},
         {"IP":"::","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},
         {"PrivatePort":82,"Type":"tcp"},{"PrivatePort":81,"Type":"tcp"}],
         "Labels":{"c":"d","a":"b"},"State":"running","Status":"Up 5 minutes"}]\
        """
                .replace("ID\",\"N", FakeDaemon.ID + "\",\"N")
                .replace("CREATED", Long.toString(created));
    }

    @Test
    void inspectLooksForEachKindAndKeepsTheText() {
        daemon.answer("GET /images/x/json", 200, "{\"Id\":\"sha256:1\",\"Size\":1.0}\n");
        assertThat(corten("inspect", "x")).isZero();
        assertThat(out())
                .isEqualTo(
                        """
                        [
                            {
                                "Id": "sha256:1",
                                "Size": 1.0
                            }
                        ]
                        """);
        console = new FakeConsole("");
        assertThat(corten("inspect", "y")).isEqualTo(1);
        assertThat(out()).isEqualTo("[]\n");
        assertThat(err()).isEqualTo("Error: No such object: y\n");
    }

    @Test
    void removalGoesOnAfterFailuresAndForceForgivesAbsence() {
        daemon.answer("DELETE /containers/b", 200, "");
        assertThat(corten("rm", "a", "b")).isEqualTo(1);
        assertThat(out()).isEqualTo("b\n");
        assertThat(err()).isEqualTo("Error response from daemon: not here\n");
        assertThat(corten("rm", "-f", "a")).isZero();
    }

    @Test
    void unknownCommandsSuggestNearOnes() {
        assertThat(corten("rnu")).isEqualTo(1);
        assertThat(err())
                .isEqualTo(
                        """
                        corten: unknown command: corten rnu

                        Did you mean run?

                        Run 'corten --help' for more information
                        """);
        assertThat(corten("container", "lss")).isEqualTo(1);
    }

    @Test
    void wrongNumbersOfArgumentsAreNamed() {
        assertThat(corten("tag", "a")).isEqualTo(1);
        assertThat(corten("ps", "x")).isEqualTo(1);
        assertThat(corten("run")).isEqualTo(1);
        assertThat(err())
                .contains("corten: 'corten tag' requires 2 arguments\n")
                .contains("corten: 'corten ps' accepts no arguments\n")
                .contains("corten: 'corten run' requires at least 1 argument\n");
    }

    @Test
    void aPluginThatCannotBeRunDoesNotHideTheOthers() throws IOException {
        Path plugins = Files.createDirectories(folder.resolve(".docker/cli-plugins"));
        script(plugins.resolve("docker-broken"), "#!/nowhere/there\n");
        script(
                plugins.resolve("docker-fine"),
                "#!/bin/sh\n"
                        + "echo '{\"SchemaVersion\":\"0.1.0\",\"Vendor\":\"v\",\"ShortDescription\":\"Works"
                        + " well\"}'\n");
        assertThat(corten("--help")).isZero();
        assertThat(out()).contains("Works well");
    }

    private static void script(Path file, String text) throws IOException {
        Files.writeString(file, text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void absentDaemonIsNamed() {
        assertThat(corten("-H", "unix://" + folder + "/none", "ps")).isEqualTo(1);
        assertThat(corten("-H", "unix://" + folder + "/none", "run", "x")).isEqualTo(125);
        assertThat(err()).startsWith("Cannot connect to the Corten daemon at unix://" + folder);
    }

    @Test
    void helpIsInDockersShape() throws IOException {
        for (String command : List.of("run", "ps", "exec", "images", "logs")) {
            corten(command, "--help");
        }
        Path file = Path.of("src/test/resources/dev/corten/cli/help.txt");
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(file, out());
        }
        assertThat(out()).isEqualTo(Files.readString(file));
        assertThat(daemon.requests).isEmpty();
    }
}
