package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What is left of steps: nothing, whoever dies.
@ExtendWith(PrivateEngine.class)
class BuildLeftoversTest {
    private static final String ENDLESS =
            "FROM busybox\nRUN echo first > /first\nRUN sleep 3571 & echo running; sleep 3571\n";

    private static Running build(Engine engine, Client client) throws IOException {
        Path context = engine.scratch("context");
        Files.createDirectories(context);
        Files.writeString(context.resolve("Dockerfile"), ENDLESS);
        return client.start("build", "--progress=plain", context.toString());
    }

    /// Processes of the sandbox, which have a number that nobody else sleeps for.
    private static List<String> sleepers() {
        return ProcessHandle.allProcesses()
                .filter(process ->
                        process.info()
                                .arguments()
                                .map(words -> List.of(words).contains("3571"))
                                .orElse(false))
                .map(process -> Long.toString(process.pid()))
                .toList();
    }

    private static List<String> steps(Engine engine) throws IOException {
        Path steps = engine.execRoot().resolve("steps");
        if (!Files.exists(steps)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(steps)) {
            return all.map(path -> path.getFileName().toString()).toList();
        }
    }

    @Test
    void aKilledDaemonsStepIsEndedByTheNext(Engine engine, Client docker) throws Exception {
        try (Running build = build(engine, engine.corten())) {
            Eventually.get("the step", BuildLeftoversTest::sleepers, found -> !found.isEmpty());
            engine.kill();
            assertThat(build.await().status()).isNotZero();
            assertThat(sleepers()).as("monitors outlive the daemon").isNotEmpty();
            engine.open();
            Eventually.get("its end", BuildLeftoversTest::sleepers, List::isEmpty);
            Eventually.get("its directory", () -> steps(engine), List::isEmpty);
        }
        // What the first step made is in the cache.
        Path context = engine.scratch("context");
        Files.writeString(
                context.resolve("Dockerfile"), ENDLESS.substring(0, ENDLESS.indexOf("RUN sleep")));
        Finished again = engine.corten().run("build", "--progress=plain", context.toString());
        assertThat(again.out() + again.err()).containsPattern("\\] RUN .*\n#\\d+ CACHED");
    }

    @Test
    void aClientThatGoesTakesItsStepWithIt(Engine engine, Client docker) throws Exception {
        try (Running build = build(engine, engine.corten())) {
            Eventually.get("the step", BuildLeftoversTest::sleepers, found -> !found.isEmpty());
            assertThat(build.isAlive()).isTrue();
        }
        Eventually.get("its end", BuildLeftoversTest::sleepers, List::isEmpty);
        Eventually.get("its directory", () -> steps(engine), List::isEmpty);
    }
}
