package dev.corten.engine.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.model.ContainerId;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.RestartPolicy;
import dev.corten.store.Durable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The machine loses its power: of what was not synced names are left at best.
@Timeout(30)
class PowerCutTest {
    @TempDir Path directory;
    private World world;

    @BeforeEach
    void open() throws Exception {
        world = new World(directory);
    }

    @AfterEach
    void close() throws Exception {
        assertThat(world.disorder()).isEmpty();
        world.close();
    }

    private Path container(ContainerId id) {
        return world.data().resolve("containers").resolve(id.hex());
    }

    private Path snapshot(ContainerId id) {
        return world.data().resolve("overlay2").resolve(id.hex());
    }

    private static void empty(Path file) throws Exception {
        Files.write(file, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
    }

    @Test
    void aContainerThatWasCreatedIsThere() throws Exception {
        ContainerId id = world.create("box", false);
        var settings = world.find("box").orElseThrow().host();
        world.powerCut();
        for (String name : List.of(ContainerFiles.HOST_CONFIG, ContainerFiles.STATE)) {
            empty(container(id).resolve(name));
        }
        for (String name : List.of("chain", "lower")) {
            empty(snapshot(id).resolve(name));
        }
        world.open(new Durable());
        assertThat(world.find("box").orElseThrow().host()).isEqualTo(settings);
        world.containers.start("box");
        world.reopen();
        assertThat(world.find("box").orElseThrow().status())
                .isInstanceOf(ContainerStatus.Running.class);
    }

    @Test
    void aSnapshotThatIsGoneIsMadeAnew() throws Exception {
        ContainerId id = world.create("box", false);
        world.powerCut();
        Files.delete(container(id).resolve(ContainerFiles.HOST_CONFIG));
        Directories.deleteTree(Fd.CWD, snapshot(id).toString()).orThrow();
        world.open(new Durable());
        world.containers.start("box");
    }

    @Test
    void whatRanIsStartedAsItsPolicySays() throws Exception {
        ContainerId lost = world.create("lost", new RestartPolicy("unless-stopped", 0));
        world.create("always", new RestartPolicy("always", 0));
        world.create("no", false);
        for (String name : List.of("lost", "always", "no")) {
            world.containers.start(name);
        }
        world.create("never", new RestartPolicy("always", 0));
        world.powerCut();
        empty(container(lost).resolve(ContainerFiles.STATE));
        world.open(new Durable());
        for (String name : List.of("lost", "always")) {
            world.await(name, v -> v.status() instanceof ContainerStatus.Running);
            assertThat(world.find(name).orElseThrow().restartCount()).isZero();
        }
        var status = world.find("no").orElseThrow().status();
        assertThat(status).isInstanceOf(ContainerStatus.Exited.class);
        assertThat(status.exitCode()).isEqualTo(255);
        assertThat(world.find("never").orElseThrow().status().word()).isEqualTo("created");
    }
}
