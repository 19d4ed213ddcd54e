package dev.corten.engine.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.engine.sandbox.SandboxRecord;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.RawText;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.EndpointConfig;
import dev.corten.model.container.EndpointState;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.LogConfig;
import dev.corten.model.container.MountPoint;
import dev.corten.model.container.PortBinding;
import dev.corten.model.container.RestartPolicy;
import dev.corten.model.container.Ulimit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Files that an earlier version has written must be read by every later one. The golden files are of
/// format 1 and do not change; `docs/formats/on-disk.md` says what is in them.
final class ContainerFilesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/format-1");
    private static final ContainerId ID = new ContainerId("0123456789abcdef".repeat(4));
    private static final Instant NOON = Instant.parse("2026-01-02T12:00:00.123456789Z");

    private final ContainerFiles files = new ContainerFiles();

    private static ContainerFiles.Config config() {
        var edit = ContainerConfig.DEFAULT.edit();
        edit.hostname = "web";
        edit.user = "1000:1000";
        edit.attachStdout = true;
        edit.exposedPorts = new TreeSet<>(List.of("80/tcp"));
        edit.env = List.of("PATH=/bin", "ÜBER=한글");
        // 0xff, 0x22: what a shell hands over need not be text
        edit.cmd = List.of("serve", RawText.decode(new byte[] {(byte) 0xff, '"'}));
        edit.image = "web:1";
        edit.workingDir = "/srv";
        edit.labels = new TreeMap<>(Map.of("tier", "front"));
        edit.stopTimeout = 3;
        return ContainerFiles.config(
                ID,
                "web",
                NOON,
                "serve",
                List.of(RawText.decode(new byte[] {(byte) 0xff, '"'})),
                Digest.parse("sha256:" + "ab".repeat(32)),
                "linux",
                edit.done(),
                Map.of("bridge", EndpointConfig.EMPTY),
                List.of());
    }

    private static ContainerFiles.Host host() {
        var edit = HostConfig.DEFAULT.edit();
        edit.networkMode = "bridge";
        edit.restartPolicy = RestartPolicy.NO;
        edit.logConfig = new LogConfig("json-file", Map.of("max-size", "1m"));
        edit.portBindings = Map.of("80/tcp", List.of(new PortBinding("", "8080")));
        edit.capAdd = List.of("NET_ADMIN");
        edit.tmpfs = Map.of("/run", "size=1m");
        edit.memory = 64L << 20;
        edit.pidsLimit = 100L;
        edit.init = true;
        edit.ulimits = List.of(new Ulimit("nofile", 1024, 2048));
        return ContainerFiles.host(edit.done());
    }

    private static ContainerFiles.State state() {
        var place =
                new EndpointState(
                        EndpointConfig.EMPTY,
                        "cd".repeat(32),
                        "ef".repeat(32),
                        "172.17.0.1",
                        "172.17.0.2",
                        16,
                        "",
                        "",
                        0,
                        "02:42:ac:11:00:02");
        return ContainerFiles.stateOf(
                new ContainerStatus.Running(4321, 987654, NOON, false, Optional.empty()),
                "11111111-2222-3333-4444-555555555555",
                new BackOff(1, Duration.ZERO, false),
                false,
                true,
                "12".repeat(32),
                Map.of("bridge", place),
                Map.of("80/tcp", List.of(new PortBinding("0.0.0.0", "8080"))));
    }

    private static SandboxRecord sandbox() {
        return new SandboxRecord(
                1,
                "12".repeat(32),
                "bridge",
                "0a1b2c3d4e5f",
                Optional.of(
                        new SandboxRecord.Place(
                                "ef".repeat(32),
                                "veth1234567",
                                "172.17.0.2",
                                "02:42:ac:11:00:02",
                                List.of(new SandboxRecord.Port("0.0.0.0", 8080, 80, "tcp")))));
    }

    @Test
    void configurationFile() throws IOException {
        holds("config.v2.json", ContainerFiles.Config.class, config());
    }

    @Test
    void configurationFileWithMounts() throws IOException {
        var mounts =
                List.<MountPoint>of(
                        new MountPoint.Bind(
                                "/b",
                                "/srv/한글",
                                "ro,rslave",
                                false,
                                "rslave",
                                true,
                                MountPoint.ReadOnly.TOP,
                                MountPoint.Missing.FAIL),
                        new MountPoint.Volume(
                                "/v", "data", "z", true, "sub/dir", MountPoint.Origin.NAMED),
                        new MountPoint.Tmpfs("/t", "", false, "ro,size=1m"),
                        new MountPoint.Image(
                                "/i", "web:1", "sha256:" + "ab".repeat(32), "", "usr"));
        ContainerFiles.Config plain = config();
        holds(
                "config-mounts.json",
                ContainerFiles.Config.class,
                ContainerFiles.config(
                        ID,
                        plain.name(),
                        plain.created(),
                        plain.path(),
                        plain.args(),
                        plain.imageId(),
                        plain.platform(),
                        plain.config(),
                        plain.endpoints(),
                        mounts));
    }

    @Test
    void hostConfigurationFile() throws IOException {
        holds("hostconfig.json", ContainerFiles.Host.class, host());
    }

    @Test
    void stateFile() throws IOException {
        holds("state.json", ContainerFiles.State.class, state());
    }

    @Test
    void sandboxFile() throws IOException {
        holds("sandbox.json", SandboxRecord.class, sandbox());
    }

    private <T> void holds(String name, Class<T> type, T value) throws IOException {
        byte[] golden = Files.readAllBytes(GOLDEN.resolve(name));
        assertThat(files.read(golden, type)).isEqualTo(value);
        assertThat(new String(files.write(value), StandardCharsets.UTF_8))
                .as("a change of what is written needs a new format, see docs/formats/on-disk.md")
                .isEqualTo(new String(golden, StandardCharsets.UTF_8));
    }

    @Test
    void stateIsTheStatusItWasMadeOf() {
        assertThat(state().toStatus())
                .isEqualTo(
                        new ContainerStatus.Running(4321, 987654, NOON, false, Optional.empty()));
    }

    @Test
    void aRestartThatIsDueIsRemembered() {
        var last = new ContainerStatus.Exited(3, true, NOON, NOON.plusSeconds(1), "why");
        var status = new ContainerStatus.Restarting(last, NOON.plusSeconds(2));
        var backOff = new BackOff(4, Duration.ofMillis(800), false);
        var state =
                ContainerFiles.stateOf(
                        status, "boot", backOff, false, true, "", Map.of(), Map.of());
        var read = files.read(files.write(state), ContainerFiles.State.class);
        assertThat(read.toStatus()).isEqualTo(status);
        assertThat(read.backOff()).isEqualTo(backOff);
    }

    @Test
    void membersOfLaterVersionsAreLeftAside() throws IOException {
        String golden = Files.readString(GOLDEN.resolve("state.json"));
        String later = golden.replaceFirst("\\{", "{\"Weather\":\"fine\",");
        assertThat(files.read(later.getBytes(StandardCharsets.UTF_8), ContainerFiles.State.class))
                .isEqualTo(state());
    }

    @Test
    void laterFormatsAreRefused() throws IOException {
        String golden = Files.readString(GOLDEN.resolve("state.json"));
        byte[] later =
                golden.replace("\"Format\":1", "\"Format\":2").getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> files.read(later, ContainerFiles.State.class))
                .hasMessage("written in format 2, this version reads 1");
    }

    @Test
    void halfAFileIsDamaged() throws IOException {
        String golden = Files.readString(GOLDEN.resolve("state.json"));
        byte[] half = golden.substring(0, golden.length() / 2).getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> files.read(half, ContainerFiles.State.class))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("damaged: ");
    }
}
