package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Image;
import com.github.dockerjava.api.model.Statistics;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The library docker-java, over the unix socket.
@ExtendWith(PrivateEngine.class)
@Shows({"API-03", "API-04", "API-07"})
class DockerJavaTest {
    private DockerClient client;

    @BeforeEach
    void connect(Engine engine) {
        var config =
                DefaultDockerClientConfig.createDefaultConfigBuilder()
                        .withDockerHost("unix://" + engine.socket())
                        .withDockerTlsVerify(false)
                        .build();
        var http =
                new ZerodepDockerHttpClient.Builder()
                        .dockerHost(config.getDockerHost())
                        .responseTimeout(Limits.patience())
                        .build();
        client = DockerClientImpl.getInstance(config, http);
    }

    @AfterEach
    void disconnect() throws IOException {
        client.close();
    }

    @Test
    void tellsOfItself() {
        assertThat(client.versionCmd().exec().getApiVersion()).isEqualTo("1.51");
        assertThat(client.infoCmd().exec().getDriver()).isEqualTo("overlay2");
        assertThat(client.listImagesCmd().exec())
                .extracting(Image::getRepoTags)
                .contains(new String[] {"busybox:latest"});
        assertThat(client.inspectImageCmd("busybox").exec().getOs()).isEqualTo("linux");
    }

    @Test
    void containerLivesItsLife() throws InterruptedException {
        String id =
                client.createContainerCmd("busybox")
                        .withName("t1")
                        .withLabels(Map.of("color", "red"))
                        .withEnv("WORD=hello")
                        .withHostConfig(HostConfig.newHostConfig().withMemory(64L << 20))
                        .withCmd("sh", "-c", "echo $WORD; echo wrong >&2; exit 3")
                        .exec()
                        .getId();
        client.startContainerCmd(id).exec();
        assertThat(client.waitContainerCmd(id).start().awaitStatusCode()).isEqualTo(3);
        InspectContainerResponse inspected = client.inspectContainerCmd("t1").exec();
        assertThat(inspected.getId()).isEqualTo(id);
        assertThat(inspected.getState().getStatus()).isEqualTo("exited");
        assertThat(inspected.getState().getExitCodeLong()).isEqualTo(3);
        assertThat(inspected.getHostConfig().getMemory()).isEqualTo(64L << 20);
        assertThat(log(id)).containsExactlyInAnyOrder("STDOUT: hello", "STDERR: wrong");
        assertThat(
                        client.listContainersCmd()
                                .withShowAll(true)
                                .withLabelFilter(Map.of("color", "red"))
                                .exec())
                .extracting(Container::getId)
                .containsExactly(id);
        client.removeContainerCmd(id).exec();
        assertThatThrownBy(() -> client.inspectContainerCmd(id).exec())
                .isInstanceOf(NotFoundException.class);
    }

    private List<String> log(String id) throws InterruptedException {
        var lines = Collections.synchronizedList(new ArrayList<String>());
        client.logContainerCmd(id)
                .withStdOut(true)
                .withStdErr(true)
                .exec(
                        new ResultCallback.Adapter<Frame>() {
                            @Override
                            public void onNext(Frame frame) {
                                lines.add(frame.toString());
                            }
                        })
                .awaitCompletion(Limits.patience().toSeconds(), TimeUnit.SECONDS);
        return lines;
    }

    @Test
    void execsInARunningContainer() throws InterruptedException {
        String id = running("t1");
        String exec =
                client.execCreateCmd(id)
                        .withCmd("sh", "-c", "echo inside; exit 4")
                        .withAttachStdout(true)
                        .exec()
                        .getId();
        var out = new ByteArrayOutputStream();
        client.execStartCmd(exec)
                .exec(
                        new ResultCallback.Adapter<Frame>() {
                            @Override
                            public void onNext(Frame frame) {
                                out.writeBytes(frame.getPayload());
                            }
                        })
                .awaitCompletion(Limits.patience().toSeconds(), TimeUnit.SECONDS);
        assertThat(out.toString(UTF_8)).isEqualTo("inside\n");
        assertThat(client.inspectExecCmd(exec).exec().getExitCodeLong()).isEqualTo(4);
    }

    @Test
    @Shows("BLD-32")
    void buildsImages(@TempDir Path context) throws IOException {
        Path dockerfile = context.resolve("Dockerfile");
        Files.writeString(dockerfile, "FROM busybox\nARG A\nCOPY f /f\nRUN echo $A >> /f\n");
        Files.writeString(context.resolve("f"), "copied\n");
        String id =
                client.buildImageCmd(dockerfile.toFile())
                        .withTags(Set.of("java:1"))
                        .withBuildArg("A", "given")
                        .start()
                        .awaitImageId();
        assertThat(client.inspectImageCmd("java:1").exec().getId()).startsWith("sha256:" + id);
        Files.writeString(dockerfile, "FROM busybox\nRUN exit 7\n");
        assertThatThrownBy(() ->
                        client.buildImageCmd(dockerfile.toFile())
                                .withForcerm(true)
                                .start()
                                .awaitImageId())
                .hasMessageContaining(
                        "The command '/bin/sh -c exit 7' returned a non-zero code: 7");
    }

    @Test
    void statsAndEventsAreStreamed() throws InterruptedException {
        var events = Collections.synchronizedList(new ArrayList<String>());
        try (var listener =
                new ResultCallback.Adapter<Event>() {
                    @Override
                    public void onNext(Event event) {
                        events.add(event.getAction());
                    }
                }) {
            client.eventsCmd().withContainerFilter("t1").exec(listener).awaitStarted();
            String id = running("t1");
            try (var stats =
                    new ResultCallback.Adapter<Statistics>() {
                        private final List<Statistics> samples =
                                Collections.synchronizedList(new ArrayList<>());

                        @Override
                        public void onNext(Statistics sample) {
                            samples.add(sample);
                        }
                    }) {
                client.statsCmd(id).exec(stats);
                Eventually.holds("two samples", () -> stats.samples.size() >= 2);
                assertThat(stats.samples.getLast().getPidsStats().getCurrent()).isEqualTo(1);
                assertThat(stats.samples.getLast().getMemoryStats().getUsage()).isPositive();
            }
            client.killContainerCmd(id).exec();
            Eventually.get(
                    "the events",
                    () -> List.copyOf(events),
                    seen -> seen.containsAll(List.of("create", "start", "kill", "die")));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void errorsHaveTheirTypes() {
        running("t1");
        assertThatThrownBy(() -> client.startContainerCmd("absent").exec())
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("No such container: absent");
        assertThatThrownBy(() -> client.removeContainerCmd("t1").exec())
                .isInstanceOf(ConflictException.class);
        assertThatThrownBy(() -> client.createContainerCmd("busybox").withName("t1").exec())
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("is already in use by container");
    }

    private String running(String name) {
        String id =
                client.createContainerCmd("busybox")
                        .withName(name)
                        .withCmd("sleep", "1000")
                        .exec()
                        .getId();
        client.startContainerCmd(id).exec();
        return id;
    }
}
