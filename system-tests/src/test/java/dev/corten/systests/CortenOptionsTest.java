package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// How `corten` finds its engine and its settings.
@ExtendWith(PrivateEngine.class)
class CortenOptionsTest {
    private static final String CORTEN = Engine.program("corten").toString();

    private Engine engine;
    private Path config;

    @BeforeEach
    void container(Engine engine, Client docker) throws IOException {
        this.engine = engine;
        engine.answersAsItself();
        docker.ok("create", "--name", "t1", "busybox");
        config = Files.createDirectories(engine.scratch("config"));
        Files.deleteIfExists(config.resolve("config.json"));
    }

    private Finished corten(Map<String, String> environment, String... arguments) {
        var command = new java.util.ArrayList<>(List.of(CORTEN));
        command.addAll(List.of(arguments));
        var variables = new java.util.TreeMap<>(environment);
        variables.putIfAbsent("HOME", engine.home().toString());
        try (var running = Running.start(command, variables)) {
            running.closeInput();
            return running.await();
        }
    }

    private String host() {
        return "unix://" + engine.socket();
    }

    @Test
    @Shows("CLI-18")
    void hostIsNamedByAnOption() {
        assertThat(corten(Map.of(), "-H", host(), "ps", "-a", "--format", "{{.Names}}").ok())
                .isEqualTo("t1");
        assertThat(corten(Map.of(), "--host=" + host(), "ps", "-aq").lines()).hasSize(1);
        Finished absent = corten(Map.of(), "-H", "unix:///nonexistent", "ps");
        assertThat(absent.status()).isEqualTo(1);
        assertThat(absent.err()).contains("Cannot connect", "unix:///nonexistent");
    }

    @Test
    void hostIsNamedByTheEnvironment() {
        assertThat(corten(Map.of("DOCKER_HOST", host()), "ps", "-a", "--format", "{{.Names}}").ok())
                .isEqualTo("t1");
    }

    @Test
    @Shows("CLI-15")
    void configurationIsRead() throws IOException {
        Files.writeString(config.resolve("config.json"), "{\"psFormat\":\"name {{.Names}}\"}");
        assertThat(corten(Map.of(), "--config", config.toString(), "-H", host(), "ps", "-a").ok())
                .isEqualTo("name t1");
        assertThat(
                        corten(Map.of("DOCKER_CONFIG", config.toString()), "-H", host(), "ps", "-a")
                                .ok())
                .isEqualTo("name t1");
    }

    @Test
    @Shows({"CLI-16", "CLI-23"})
    void contextsNameEngines(Client docker) {
        Map<String, String> ours = Map.of("DOCKER_CONFIG", config.toString());
        corten(ours, "context", "create", "here", "--docker", "host=" + host()).ok();
        assertThat(corten(ours, "-c", "here", "ps", "-a", "--format", "{{.Names}}").ok())
                .isEqualTo("t1");
        corten(ours, "context", "use", "here").ok();
        assertThat(corten(ours, "context", "show").ok()).isEqualTo("here");
        assertThat(corten(ours, "ps", "-a", "--format", "{{.Names}}").ok()).isEqualTo("t1");
        // The files are Docker's: its own command line finds the same.
        try (var shell =
                docker.shell(
                        "unset DOCKER_HOST; exec docker --config "
                                + config
                                + " ps -a --format '{{.Names}}'")) {
            assertThat(shell.await().ok()).isEqualTo("t1");
        }
        corten(ours, "context", "use", "default").ok();
        corten(ours, "context", "rm", "here").ok();
        assertThat(corten(ours, "-c", "here", "ps").status()).isNotZero();
    }

    @Test
    @Shows("CLI-36")
    void completionKnowsLiveNames() {
        String script = corten(Map.of(), "completion", "bash").ok();
        assertThat(script).contains("complete");
        for (String shell : List.of("zsh", "fish")) {
            assertThat(corten(Map.of(), "completion", shell).ok()).contains("corten");
        }
        assertThat(corten(Map.of("DOCKER_HOST", host()), "__complete", "rm", "t").out())
                .contains("t1");
    }

    @Test
    @Shows("CLI-37")
    void isDockerUnderThatName() throws IOException {
        Path link = engine.scratch("docker");
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, Path.of(CORTEN));
        assertThat(Running.run(link.toString(), "--help").ok()).contains("Usage:  docker ");
        assertThat(Running.run(link.toString(), "-v").ok()).startsWith("Docker version 28.5.2");
        assertThat(Running.run(link.toString(), "-H", host(), "ps", "-a").ok()).contains("t1");
    }

    @Test
    @Shows("CLI-10")
    void helpIsInDockersShape() {
        Finished help = corten(Map.of(), "run", "--help");
        Finished dockers = engine.docker().run("run", "--help");
        assertThat(help.status()).isZero();
        assertThat(options(help)).isNotEmpty().containsAll(options(dockers));
        assertThat(corten(Map.of("DOCKER_HOST", host()), "version").ok()).contains("Server:");
    }

    private static List<String> options(Finished help) {
        return help.lines().stream()
                .filter(line -> line.strip().startsWith("-"))
                .filter(line -> line.contains(" --"))
                .map(line -> line.replaceAll("^[^-]*(-\\w, )?(--[\\w-]+).*", "$2"))
                // It is not a matter of the command; docker lists it for some only.
                .filter(option -> !option.equals("--help"))
                .toList();
    }
}
