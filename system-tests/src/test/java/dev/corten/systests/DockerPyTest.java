package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The library docker-py, as Debian has it.
@ExtendWith(PrivateEngine.class)
class DockerPyTest {
    @Test
    @Shows({"API-07", "BLD-32"})
    void aDayOfAContainer(Engine engine) throws IOException {
        Machine.hasDockerPy();
        Path program = engine.scratch("docker_py.py");
        try (var in = DockerPyTest.class.getResourceAsStream("docker_py.py")) {
            Files.copy(in, program);
        }
        try (var python = engine.docker().shell("exec /usr/bin/python3 " + program)) {
            assertThat(python.await().ok())
                    .isEqualTo(
                            """
                            True 1.51 overlay2
                            [['busybox:latest']]
                            b'hello\\n'
                            3 b'wrong\\n'
                            ['py:1'] ['built x\\n']
                            b'made\\n'
                            The command '/bin/sh -c exit 7' returned a non-zero code: 7
                            ['t1']
                            ExecResult(exit_code=4, output=b'inside\\n')
                            67108864 ['sleep']
                            exited {'StatusCode': 137}
                            No such container: t1\
                            """);
        }
    }
}
