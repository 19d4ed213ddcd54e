package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.exception.DockerClientException;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Libraries that others have written, and their ways to build.
@ExtendWith(BuildEngine.class)
@Shows({"BLD-32", "API-07"})
class BuildClientsTest {
    @Test
    void dockerPy(Engine engine) throws IOException {
        Machine.hasDockerPy();
        try (var build = BuildFolder.of(engine, "docker")) {
            build.dockerfile("FROM busybox", "ARG A", "COPY f /f", "RUN echo built $A >>/f");
            build.file("f", "file\n");
            Path program = build.path("build.py");
            Files.writeString(
                    program,
                    """
                    import docker, sys
                    client = docker.from_env()
                    path = sys.argv[1]
                    image, log = client.images.build(path=path, tag="py:1", buildargs={"A": "x"}, rm=True)
                    print(image.tags, [l["stream"].strip() for l in log if "stream" in l][0])
                    print(client.containers.run("py:1", "cat /f", remove=True))
                    try:
                        client.images.build(path=path, dockerfile="Bad", rm=True, forcerm=True)
                    except docker.errors.BuildError as error:
                        print(error.msg)
                    """);
            build.file("Bad", "FROM busybox\nRUN exit 5\n");
            try (var python =
                    engine.docker()
                            .shell("exec /usr/bin/python3 " + program + " " + build.path("."))) {
                assertThat(python.await().ok())
                        .isEqualTo(
                                """
                                ['py:1'] Step 1/4 : FROM busybox
                                b'file\\nbuilt x\\n'
                                The command '/bin/sh -c exit 5' returned a non-zero code: 5\
                                """);
            }
        }
    }

    @Test
    void dockerJava(Engine engine) throws IOException {
        var config =
                DefaultDockerClientConfig.createDefaultConfigBuilder()
                        .withDockerHost("unix://" + engine.socket())
                        .withDockerTlsVerify(false)
                        .build();
        var http = new ZerodepDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build();
        try (var client = DockerClientImpl.getInstance(config, http);
                var build = BuildFolder.of(engine, "docker")) {
            build.dockerfile("FROM busybox", "COPY f /f", "LABEL by=java");
            build.file("f", "file\n");
            String id =
                    client.buildImageCmd(build.path(".").toFile())
                            .withTags(Set.of("java:1"))
                            .start()
                            .awaitImageId();
            assertThat(client.inspectImageCmd("java:1").exec().getId()).contains(id);
            assertThat(client.inspectImageCmd(id).exec().getConfig().getLabels())
                    .containsEntry("by", "java");
            build.dockerfile("FROM busybox", "RUN exit 6");
            assertThatThrownBy(() ->
                            client.buildImageCmd(build.path(".").toFile())
                                    .withForcerm(true)
                                    .start()
                                    .awaitImageId())
                    .isInstanceOf(DockerClientException.class)
                    .hasMessageContaining("returned a non-zero code: 6");
        }
    }

    /// The command line of 2020.
    @Test
    void docker20(Engine engine) {
        Path program =
                Machine.docker(Path.of("..").toAbsolutePath().normalize(), "20.10")
                        .resolve("docker");
        try (var build = BuildFolder.of(engine, "docker")) {
            build.dockerfile("FROM busybox", "RUN echo twenty >/v");
            String line =
                    "DOCKER_BUILDKIT=0 "
                            + program
                            + " build -t twenty "
                            + build.path(".")
                            + " && "
                            + program
                            + " run --rm twenty cat /v";
            try (var running = engine.docker().shell(line)) {
                running.closeInput();
                assertThat(running.await().ok())
                        .contains("Step 1/2 : FROM busybox", "Successfully tagged twenty:latest")
                        .endsWith("twenty");
            }
        }
    }
}
