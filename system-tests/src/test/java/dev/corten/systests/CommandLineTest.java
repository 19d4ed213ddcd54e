package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Our own `corten`.
@ExtendWith(PrivateEngine.class)
class CommandLineTest {
    private Client corten;

    @BeforeEach
    void theEngineIsThere(Engine engine) {
        engine.answersAsItself();
    }

    @BeforeEach
    void client(Engine engine) {
        corten = engine.corten();
    }

    @Test
    void runsWithTheSameExitCodesAsDocker() {
        Finished run =
                corten.run("run", "--rm", "busybox", "sh", "-c", "echo o; echo e >&2; exit 9");
        assertThat(run.out()).isEqualTo("o\n");
        assertThat(run.err()).isEqualTo("e\n");
        assertThat(run.status()).isEqualTo(9);
        Finished missing = corten.run("run", "--rm", "busybox", "no-such-command");
        assertThat(missing.status()).isEqualTo(127);
        assertThat(missing.err()).contains("executable file not found in $PATH");
        Finished refused = corten.run("run", "--rm", "-m", "1m", "busybox", "true");
        assertThat(refused.status()).isEqualTo(125);
        assertThat(refused.err()).contains("Minimum memory limit allowed is 6MB");
    }

    @Test
    void pipesInput() {
        assertThat(
                        corten.runWithInput("abc".getBytes(), "run", "--rm", "-i", "busybox", "rev")
                                .out())
                .isEqualTo("cba");
    }

    @Test
    void aDayOfAContainer(Client docker) {
        String id =
                corten.ok(
                        "run", "-d", "--name", "c1", "busybox", "sh", "-c", "echo log; sleep 100");
        assertThat(id).matches("[0-9a-f]{64}");
        assertThat(corten.ok("ps")).contains("c1", "busybox", "Up ");
        Eventually.get("the log", () -> corten.ok("logs", "c1"), "log"::equals);
        assertThat(corten.run("exec", "c1", "sh", "-c", "echo in; exit 3").status()).isEqualTo(3);
        assertThat(corten.ok("stop", "-t", "0", "c1")).isEqualTo("c1");
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "c1")).isEqualTo("exited");
        assertThat(corten.ok("ps", "-a")).contains("Exited (137)");
        assertThat(corten.ok("rm", "c1")).isEqualTo("c1");
        assertThat(corten.run("rm", "c1").err()).contains("No such container: c1");
    }

    @Test
    void whoStopsReadingEndsACommandWithoutAWord(Client docker) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "yes", "a line of many");
        for (String options : List.of("logs -f", "attach --no-stdin")) {
            String line = Engine.program("corten") + " " + options + " c1 | head -1";
            var shell = List.of("bash", "-c", line + "; echo ${PIPESTATUS[0]}");
            try (var running = Running.start(shell, corten.environment())) {
                running.closeInput();
                Finished finished = running.await();
                // An attach begins in the middle of a line, at any letter.
                assertThat("a line of many\n141\n").endsWith(finished.out());
                assertThat(finished.out()).endsWith("\n141\n");
                assertThat(finished.err()).isEmpty();
            }
        }
        docker.ok("rm", "-f", "c1");
    }

    @Test
    void loadsImportsAndListsImages(Engine engine, Client docker) throws IOException {
        Files.write(
                engine.scratch("i.tar"),
                new Image("mine:1").layer(new Tar().file("a", "a").bytes()).archive());
        assertThat(corten.ok("load", "-i", engine.scratch("i.tar").toString()))
                .contains("Loaded image: mine:1");
        assertThat(corten.ok("images")).contains("mine").contains("busybox");
        docker.ok("rmi", "mine:1");
    }

    @Test
    void startsFromItsOwnDirectory(Engine engine) {
        engine.answersAsItself();
        String folder = Engine.tree().resolve("bin").toString();
        for (String program : List.of("./corten", "./cortend")) {
            assertThat(
                            Running.run(
                                            "sh",
                                            "-c",
                                            "cd '" + folder + "' && " + program + " --version")
                                    .ok())
                    .contains("version");
        }
    }

    @Test
    void versionInfoAndHelp() {
        assertThat(corten.ok("version")).contains("Client:", "Server:", "1.51");
        assertThat(corten.ok("info")).contains("overlay2");
        assertThat(corten.ok("--help")).contains("Usage:", "run", "exec");
        assertThat(corten.ok("run", "--help")).contains("Usage:", "--rm");
    }

    @Test
    @Shows({"CLI-11"})
    void nearWordsAreNamed() {
        Finished command = corten.run("network", "insepct");
        assertThat(command.status()).isEqualTo(1);
        assertThat(command.err()).contains("Did you mean inspect?");
        assertThat(corten.run("ps", "--fromat", "x").err()).contains("Did you mean --format?");
        assertThat(corten.run("swarm").err()).contains("Corten does not have it yet");
    }

    @Test
    @Shows({"CLI-31", "CLI-32", "CTR-47"})
    void pruneAsksAndThenRemoves(Client docker) {
        corten.ok("create", "--name", "idle", "busybox");
        assertThat(corten.run("container", "exists", "idle").status()).isZero();
        assertThat(corten.runWithInput("n\n".getBytes(), "system", "prune").out())
                .contains("WARNING! This will remove:", "[y/N]");
        assertThat(docker.ok("ps", "-aq")).isNotEmpty();
        assertThat(corten.ok("system", "prune", "-f"))
                .contains("Deleted Containers:", "Total reclaimed space: 0B");
        assertThat(corten.run("container", "exists", "idle").status()).isEqualTo(1);
        assertThat(docker.ok("system", "prune", "-f")).isEqualTo("Total reclaimed space: 0B");
    }

    @Test
    @Shows("CTR-46")
    void aCloneIsConfiguredAsItsOriginal(Client docker) {
        corten.ok("create", "--name", "first", "-e", "A=b", "-m", "64m", "busybox", "sleep", "9");
        corten.ok("container", "clone", "--destroy", "-m", "32m", "first", "second");
        assertThat(docker.ok("ps", "-a", "--format", "{{.Names}}")).isEqualTo("second");
        assertThat(docker.ok("inspect", "-f", "{{.Config.Cmd}} {{.HostConfig.Memory}}", "second"))
                .isEqualTo("[sleep 9] 33554432");
        assertThat(docker.ok("inspect", "-f", "{{json .Config.Env}}", "second")).contains("A=b");
    }

    @Test
    @Shows("CLI-24")
    void initWritesAStart(Engine engine) throws IOException {
        var folder = Files.createDirectory(engine.scratch("project"));
        Files.writeString(folder.resolve("package.json"), "{}");
        String program = Engine.program("corten").toString();
        try (var running = corten.shell("cd " + folder + " && " + program + " init")) {
            assertThat(running.await().lines()).contains("wrote Dockerfile", "wrote compose.yaml");
        }
        assertThat(folder.resolve("Dockerfile")).content().startsWith("FROM node:").contains("npm");
        assertThat(folder.resolve(".dockerignore")).content().contains("node_modules");
    }

    @Test
    void mistakesAreNamed() {
        Finished command = corten.run("rnu", "busybox");
        assertThat(command.status()).isNotZero();
        assertThat(command.err()).contains("rnu");
        Finished flag = corten.run("run", "--no-such-flag", "busybox");
        assertThat(flag.status()).isEqualTo(125);
        assertThat(flag.err()).contains("unknown flag: --no-such-flag");
        assertThat(corten.run("rm", "absent").err()).contains("No such container: absent");
    }
}
