package dev.corten.engine.build.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.build.work.StepCommand;
import dev.corten.build.work.StepExit;
import dev.corten.model.ContainerId;
import dev.corten.model.Unavailable;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A daemon that dies in the middle of a step, and the next one.
@Timeout(60)
class LeftoversTest {
    private static final String GROUP = "/corten-left-test-" + ProcessHandle.current().pid();

    @TempDir Path directory;

    @Test
    void theNextDaemonEndsWhatAKilledOneWasRunning() throws Exception {
        var killed = victim("echo running; sleep 1000 & sleep 1000");
        Set<Path> namespaces;
        try (BufferedReader said = killed.inputReader()) {
            var id = new ContainerId(said.readLine());
            assertThat(said.readLine()).isEqualTo("running");
            namespaces = namespaces();
            killed.destroyForcibly().waitFor();
            try (var machine = new StepMachine(directory, GROUP)) {
                assertThat(machine.pids(id)).as("monitors outlive the daemon").isNotEmpty();

                machine.steps.open();

                assertThat(machine.pids(id)).isEmpty();
                assertThat(machine.left()).isEmpty();
                assertThat(namespaces()).doesNotContainAnyElementsOf(namespaces);
            }
        }
    }

    @Test
    void aStepThatHadHardlyBegunIsForgotten() throws Exception {
        try (var machine = new StepMachine(directory, GROUP)) {
            Files.createDirectories(
                    machine.exec.resolve("steps").resolve(ContainerId.random().hex()));

            machine.steps.open();

            assertThat(machine.left()).isEmpty();
        }
    }

    @Test
    void aDaemonThatEndsEndsItsSteps() throws Exception {
        var said = new CompletableFuture<Void>();
        var exit = new CompletableFuture<StepExit>();
        try (var machine = new StepMachine(directory, GROUP);
                var root = machine.new Root()) {
            StepCommand command =
                    machine.new Step(root).command("/bin/sh", "-c", "echo running; sleep 1000");
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            exit.complete(
                                    machine.steps.run(command, (_, _) -> said.complete(null)));
                        } catch (IOException | InterruptedException | RuntimeException e) {
                            exit.completeExceptionally(e);
                        }
                    });
            said.get();

            machine.steps.close();

            assertThat(machine.left()).isEmpty();
            assertThat(exit.get()).isEqualTo(new StepExit(137, false));
            assertThatThrownBy(() -> machine.new Step(root).sh("true"))
                    .isInstanceOf(Unavailable.class);
        }
    }

    private Process victim(String script) throws IOException {
        return new ProcessBuilder(
                        List.of(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                StepVictim.class.getName(),
                                directory.toString(),
                                GROUP,
                                script))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private Set<Path> namespaces() throws IOException {
        try (Stream<Path> all = Files.list(directory.resolve("exec/netns"))) {
            return all.collect(Collectors.toSet());
        }
    }
}
