package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Contexts, configuration and the ways to a daemon, in the files that Docker's command line shares.
@ExtendWith(PrivateEngine.class)
class ContextTest {
    @TempDir Path home;

    /// Without a host of its own: it has to find the daemon.
    private Running start(Map<String, String> more, String program, String... arguments) {
        var command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        var variables = new java.util.HashMap<>(Map.of("HOME", home.toString()));
        variables.putAll(more);
        return Running.start(command, variables);
    }

    private Finished run(Map<String, String> more, String program, String... arguments) {
        try (var running = start(more, program, arguments)) {
            running.closeInput();
            return running.await();
        }
    }

    private String corten(String... arguments) {
        return run(Map.of(), Engine.program("corten").toString(), arguments).ok();
    }

    private String docker(String... arguments) {
        return run(Map.of(), "docker", arguments).ok();
    }

    @BeforeEach
    void theEngineIsThere(Engine engine) {
        engine.answersAsItself();
    }

    @Test
    @Shows({"CLI-16", "CLI-22", "CLI-23"})
    void contextsAreDockersOwn(Engine engine) {
        corten("context", "create", "mine", "--docker", "host=unix://" + engine.socket());
        assertThat(docker("context", "ls", "-q")).isEqualTo("default\nmine");
        assertThat(docker("--context", "mine", "images", "-q")).isNotEmpty();
        docker("context", "create", "theirs", "--from", "mine", "--description", "d");
        assertThat(corten("-c", "theirs", "images", "-q")).isNotEmpty();
        corten("context", "use", "theirs");
        assertThat(docker("context", "show")).isEqualTo("theirs");
        assertThat(corten("images", "-q")).isNotEmpty();
        assertThat(corten("context", "inspect", "mine"))
                .isEqualTo(docker("context", "inspect", "mine"));
        String archive = home.resolve("m.tar").toString();
        corten("context", "export", "mine", archive);
        docker("context", "import", "again", archive);
        corten("context", "rm", "-f", "theirs");
        assertThat(docker("context", "show")).isEqualTo("default");
        assertThat(corten("context", "ls", "-q")).isEqualTo("again\ndefault\nmine");
    }

    @Test
    @Shows({"CLI-18", "CLI-34"})
    void sshRunsDialStdioOnTheOtherSide(Engine engine) throws IOException {
        Path bin = Files.createDirectory(home.resolve("bin"));
        Path ssh = bin.resolve("ssh");
        // What it is given after the host is a command line for a shell over there.
        Files.writeString(
                ssh,
                """
                #!/bin/sh
                echo "$@" >> %s/asked
                while [ "$1" != -- ]; do shift; done
                shift 2
                DOCKER_HOST=unix://%s exec sh -c "$*"
                """
                        .formatted(home, engine.socket()));
        Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createSymbolicLink(bin.resolve("corten"), Engine.program("corten"));
        var path = Map.of("PATH", bin + ":" + System.getenv("PATH"));
        String program = Engine.program("corten").toString();
        Finished run =
                run(
                        path,
                        program,
                        "-H",
                        "ssh://me@far:2200",
                        "run",
                        "--rm",
                        "busybox",
                        "echo",
                        "hi");
        assertThat(run.ok()).isEqualTo("hi");
        assertThat(Files.readString(home.resolve("asked"))).contains("-T -l me -p 2200 -- far");
        Files.writeString(ssh, "#!/bin/sh\necho 'no route' >&2\nexit 255\n");
        Finished failed = run(path, program, "-H", "ssh://far", "ps");
        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.err()).contains("exit status 255", "no route");
    }

    @Test
    @Shows({"CLI-15", "CLI-17", "CLI-19", "CLI-21", "CLI-22"})
    void configurationAndVariables(Engine engine) throws IOException {
        Path folder = Files.createDirectory(home.resolve("conf"));
        Files.writeString(
                folder.resolve("config.json"),
                """
                {"psFormat":"{{.Names}}!","HttpHeaders":{"X-Mine":"1"},
                 "proxies":{"default":{"httpProxy":"http://p:1"}}}\
                """);
        String program = Engine.program("corten").toString();
        var host = Map.of("CORTEN_HOST", "unix://" + engine.socket());
        String config = folder.toString();
        run(
                        host,
                        program,
                        "--config",
                        config,
                        "run",
                        "-d",
                        "--name",
                        "named",
                        "busybox",
                        "sleep",
                        "99")
                .ok();
        assertThat(run(host, program, "--config", config, "ps").ok()).isEqualTo("named!");
        assertThat(run(host, program, "inspect", "-f", "{{.Config.Env}}", "named").ok())
                .contains("HTTP_PROXY=http://p:1", "http_proxy=http://p:1");
        assertThat(run(host, program, "-D", "ps", "-q").err())
                .contains("level=debug", "GET /v1.51/containers/json: 200");
        assertThat(run(host, program, "-l", "nope", "ps").err())
                .isEqualTo("Unable to parse logging level: nope\n");
        var old = Map.of("DOCKER_HOST", "unix://" + engine.socket(), "DOCKER_API_VERSION", "1.40");
        assertThat(run(old, program, "version", "-f", "{{.Client.APIVersion}}").ok())
                .isEqualTo("1.40");
    }

    @Test
    @Shows("CLI-25")
    void pluginsAreCommands(Engine engine) throws IOException {
        Path folder = Files.createDirectories(home.resolve(".docker/cli-plugins"));
        Path plugin = folder.resolve("docker-greet");
        Files.writeString(
                plugin,
                """
                #!/bin/sh
                if [ "$1" = docker-cli-plugin-metadata ]; then
                    echo '{"SchemaVersion":"0.1.0","Vendor":"us","ShortDescription":"Greets"}'
                    exit
                fi
                echo "$@ at $DOCKER_HOST"; exit 7
                """);
        Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
        String program = Engine.program("corten").toString();
        var host = Map.of("DOCKER_HOST", "unix://" + engine.socket());
        Finished greeted = run(host, program, "greet", "you", "-x");
        assertThat(greeted.out()).isEqualTo("greet you -x at unix://" + engine.socket() + "\n");
        assertThat(greeted.status()).isEqualTo(7);
        assertThat(corten("--help")).contains("greet*", "Greets");
    }

    @Test
    @Shows("CLI-37")
    void underTheNameOfDockerItSaysDocker() throws IOException {
        Path link = home.resolve("docker");
        Files.createSymbolicLink(link, Engine.program("corten"));
        assertThat(run(Map.of(), link.toString(), "-v").ok())
                .startsWith("Docker version 28.5.2, build ");
        assertThat(run(Map.of(), link.toString(), "run", "--help").ok())
                .contains("Usage:  docker run");
    }
}
