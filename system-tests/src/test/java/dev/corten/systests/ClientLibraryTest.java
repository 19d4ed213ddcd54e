package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The client as a library: a program that has nothing else on its module path.
@ExtendWith(PrivateEngine.class)
class ClientLibraryTest {
    private static final Path JDK = Path.of(System.getProperty("java.home"), "bin");

    @Test
    @Shows("API-12")
    void aProgramIsCompiledAgainstTheJarAloneAndRuns(Engine engine) throws IOException {
        engine.answersAsItself();
        Path jar = Engine.tree().resolve("lib/corten-client.jar");
        assertThat(jdk("jar", "--describe-module", "--file", jar.toString()).ok().lines())
                .contains("requires java.base mandated", "exports dev.corten.client")
                .noneMatch(line -> line.startsWith("requires ") && !line.contains("java.base"));
        Path sources = Files.createDirectories(engine.scratch("program"));
        Files.writeString(
                sources.resolve("module-info.java"),
                "module example {\n    requires dev.corten.client;\n}\n");
        Path program = sources.resolve("UsesClient.java");
        try (var in = ClientLibraryTest.class.getResourceAsStream("UsesClient.java.txt")) {
            Files.copy(in, program);
        }
        Path classes = engine.scratch("classes");
        Finished compiled =
                jdk(
                        "javac",
                        "-Xlint:all",
                        "-p",
                        jar.toString(),
                        "-d",
                        classes.toString(),
                        sources.resolve("module-info.java").toString(),
                        program.toString());
        assertThat(compiled.status()).as(compiled.toString()).isZero();
        Finished ran =
                jdk(
                        "java",
                        "-p",
                        jar + ":" + classes,
                        "-m",
                        "example/example.UsesClient",
                        engine.socket().toString());
        assertThat(ran.lines())
                .as(ran.toString())
                .containsExactly(
                        "/greeter runs",
                        "inside",
                        "exec 4",
                        "ended 137",
                        "hello",
                        "No such container: ID");
        assertThat(ran.err()).isEqualTo("oops\n");
    }

    private static Finished jdk(String tool, String... arguments) {
        var command = new java.util.ArrayList<String>();
        command.add(JDK.resolve(tool).toString());
        command.addAll(List.of(arguments));
        try (var running = Running.start(command, Map.of())) {
            running.closeInput();
            return running.await();
        }
    }
}
