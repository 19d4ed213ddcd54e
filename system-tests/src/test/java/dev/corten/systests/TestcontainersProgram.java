package dev.corten.systests;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.containers.wait.strategy.WaitAllStrategy;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.utility.DockerImageName;

/// What a user of Testcontainers writes. A program of its own, because that library takes the
/// engine's address from the environment, once for each JVM.
final class TestcontainersProgram {
    private TestcontainersProgram() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        String id;
        try (var container =
                new GenericContainer<>(DockerImageName.parse("busybox:latest"))
                        .withImagePullPolicy(image -> false)
                        .withEnv("WORD", "hello")
                        .withLabel("color", "red")
                        .withExposedPorts(80)
                        .withCommand("sh", "-c", "echo $WORD; exec httpd -f -h /etc")
                        .waitingFor(
                                new WaitAllStrategy()
                                        .withStrategy(Wait.forLogMessage(".*hello.*\\n", 1))
                                        .withStrategy(Wait.forListeningPort())
                                        .withStrategy(Wait.forHttp("/plain")))) {
            container.start();
            id = container.getContainerId();
            System.out.println("running " + container.isRunning());
            System.out.println("log " + container.getLogs().strip());
            var exec = container.execInContainer("sh", "-c", "echo inside; echo err >&2; exit 3");
            System.out.println(
                    "exec " + exec.getExitCode() + exec.getStdout() + exec.getStderr().strip());
            var page =
                    URI.create(
                            "http://%s:%d/plain"
                                    .formatted(container.getHost(), container.getMappedPort(80)));
            try (var http = HttpClient.newHttpClient()) {
                System.out.println(
                        "page "
                                + http.send(
                                                HttpRequest.newBuilder(page).build(),
                                                BodyHandlers.ofString())
                                        .body()
                                        .strip());
            }
        }
        var built =
                new ImageFromDockerfile("built:1", false)
                        .withFileFromString("f", "copied\n")
                        .withDockerfileFromBuilder(builder ->
                                builder.from("busybox")
                                        .copy("f", "/f")
                                        .cmd("sh", "-c", "cat /f; sleep 1000")
                                        .build());
        try (var container =
                new GenericContainer<>(built).waitingFor(Wait.forLogMessage(".*copied.*\\n", 1))) {
            container.start();
            System.out.println("built " + container.getLogs().strip());
        }
        System.out.println("id " + id);
        System.exit(0);
    }
}
