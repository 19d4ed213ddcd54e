package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.architecture.Walkthrough;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The life of a `corten run` goes as `ARCHITECTURE.md` tells it: both processes run under the JVM's
/// method tracing, and what they entered is held against the text.
final class WalkTest {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();

    @TempDir Path folder;

    @Test
    void aRunVisitsTheMethodsInTheOrderOfTheText() throws IOException {
        Walkthrough text = Walkthrough.read(REPOSITORY);
        var daemon =
                new MethodTrace(
                        folder,
                        "cortend",
                        text.methods("cortend"),
                        "-m dev.corten.daemon/dev.corten.daemon.Main");
        var client =
                new MethodTrace(
                        folder,
                        "corten",
                        text.methods("corten"),
                        "--add-modules dev.corten.cli"
                                + " -cp "
                                + Path.of("target/test-classes").toAbsolutePath()
                                + " "
                                + TracedCorten.class.getName());
        Engine engine = Engine.start(daemon.program());
        try {
            engine.api().call("POST", "/images/create?fromImage=hello-world&tag=latest");

            var corten =
                    new Client(
                            List.of(client.program().toString(), "-H", "unix://" + engine.socket()),
                            engine.socket(),
                            engine.home(),
                            Map.of());
            assertThat(corten.ok("run", "--rm", "-p", "127.0.0.1::80", "hello-world"))
                    .contains("Hello from Corten!");

            assertThat(text.difference("corten", client.entries())).isEmpty();
            // The container is gone for its user before the daemon has cleared up behind it.
            Eventually.get(
                    "the daemon's run as the text has it",
                    () -> {
                        daemon.dump(engine.pid());
                        return text.difference("cortend", daemon.entries());
                    },
                    String::isEmpty);
        } finally {
            engine.closeCleanly();
        }
    }
}
