package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The library dockerode, on which tools for JavaScript are built: VS Code's among them.
@ExtendWith(PrivateEngine.class)
class DockerodeTest {
    private static final Path MODULES =
            Path.of("../target/dockerode/node_modules").toAbsolutePath().normalize();

    @Test
    @Shows({"API-08", "BLD-32"})
    void aDayOfADevelopmentContainer(Engine engine) throws IOException {
        Machine.hasProgram("node");
        Machine.hasDockerode(MODULES);
        Path program = engine.scratch("dockerode.js");
        try (var in = DockerodeTest.class.getResourceAsStream("dockerode.js")) {
            Files.copy(in, program);
        }
        var command = List.of("node", program.toString(), engine.socket().toString());
        try (var node = Running.start(command, Map.of("NODE_PATH", MODULES.toString()))) {
            node.closeInput();
            assertThat(node.await().ok())
                    .isEqualTo(
                            """
                            OK 1.51
                            linux busybox:latest
                            Step 3/3 : RUN cat /f,copied
                            true
                            /vsc running
                            ["typed\\n","err\\n"] 5
                            true true
                            "Container started\\n"
                            0
                            create attach start top kill die stop destroy
                            404 No such container: ID\
                            """);
        }
    }
}
