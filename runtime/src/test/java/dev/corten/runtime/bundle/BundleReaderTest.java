package dev.corten.runtime.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.InvalidParameter;
import dev.corten.model.NotImplemented;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.Capability;
import dev.corten.model.oci.Linux;
import dev.corten.model.oci.Mount;
import dev.corten.model.oci.Namespace;
import dev.corten.model.oci.Rlimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of a `config.json`.
class BundleReaderTest {
    private static final String MINIMAL =
            """
            {"ociVersion":"1.0.2","root":{"path":"r"},
             "process":{"args":["a"],"cwd":"/"%s},"linux":{%s}}\
            """;

    @TempDir Path folder;

    private Bundle read(String process, String linux) throws IOException {
        Files.writeString(folder.resolve("config.json"), MINIMAL.formatted(process, linux));
        return BundleReader.read(folder, "c1");
    }

    @Test
    void whatIsLeftOutHasTheSpecificationsDefaults() throws IOException {
        Bundle bundle = read("", "");
        assertThat(bundle.rootfs()).isEqualTo(folder.resolve("r").toString());
        assertThat(bundle.spec().process().capabilities().bounding()).isEmpty();
        assertThat(bundle.spec().process().user().umask()).isEqualTo(022);
        assertThat(bundle.spec().linux().cgroupsPath()).isEqualTo("/c1");
        assertThat(bundle.spec().linux().seccomp()).isEmpty();
        assertThat(bundle.spec().linux().devices()).hasSize(6);
        assertThat(bundle.hooks()).isEqualTo(Hooks.NONE);
    }

    @Test
    void theTemplateOfOurOwnIsUnderstood() throws IOException {
        try (var in = dev.corten.runtime.command.Main.class.getResourceAsStream("config.json")) {
            Files.write(
                    folder.resolve("config.json"), in == null ? new byte[0] : in.readAllBytes());
        }
        var spec = BundleReader.read(folder, "c1").spec();
        assertThat(spec.process().terminal()).isTrue();
        assertThat(spec.process().capabilities().effective())
                .containsExactlyInAnyOrder(
                        Capability.AUDIT_WRITE, Capability.KILL, Capability.NET_BIND_SERVICE);
        assertThat(spec.process().rlimits())
                .containsExactly(new Rlimit(Rlimit.Resource.NOFILE, 1024, 1024));
        assertThat(spec.mounts()).extracting(Mount::destination).contains(PathBytes.of("/proc"));
        assertThat(spec.linux().namespace(Namespace.Type.NETWORK)).isPresent();
        assertThat(spec.linux().maskedPaths()).contains(PathBytes.of("/proc/kcore"));
        assertThat(spec.root().readonly()).isTrue();
    }

    @Test
    void numbersNamespacesAndPropagation() throws IOException {
        Linux linux =
                read(
                                "",
                                """
                                "cgroupsPath":"/docker/x","rootfsPropagation":"rslave",
                                "namespaces":[{"type":"mount"},{"type":"pid","path":"/proc/1/ns/pid"}],
                                "resources":{"memory":{"limit":64000000,"swappiness":0},
                                "pids":{"limit":-1},"devices":[{"allow":false,"access":"rwm"}]}\
                                """)
                        .spec()
                        .linux();
        assertThat(linux.cgroupsPath()).isEqualTo("/docker/x");
        assertThat(linux.rootfsPropagation()).isEqualTo(Linux.Propagation.SLAVE);
        assertThat(linux.namespaces())
                .contains(
                        new Namespace(Namespace.Type.PID, java.util.Optional.of("/proc/1/ns/pid")));
        assertThat(linux.resources().memory().limitBytes()).isEqualTo(64_000_000);
        assertThat(linux.resources().memory().swappiness()).hasValue(0);
        assertThat(linux.resources().pidsLimit()).isEqualTo(-1);
        assertThat(linux.resources().devices().getFirst().rule()).isEqualTo("a *:* rwm");
        assertThat(linux.resources().devices()).hasSizeGreaterThan(8);
    }

    @Test
    void whatIsNotSupportedIsRefusedByName() {
        for (String linux :
                List.of(
                        "\"timeOffsets\":{\"monotonic\":{\"secs\":1}}",
                        "\"namespaces\":[{\"type\":\"time\"}]",
                        "\"cgroupsPath\":\"system.slice:docker:x\"",
                        "\"intelRdt\":{\"closID\":\"x\"}")) {
            assertThatThrownBy(() -> read("", linux))
                    .as(linux)
                    .isInstanceOf(NotImplemented.class)
                    .hasMessageContaining("not supported");
        }
        assertThatThrownBy(() -> read(",\"scheduler\":{\"policy\":\"SCHED_IDLE\"}", ""))
                .isInstanceOf(NotImplemented.class);
    }

    @Test
    void whatIsWrongIsNamed() {
        assertThatThrownBy(() -> read(",\"terminal\":1", ""))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("process.terminal is not true or false");
        assertThatThrownBy(() -> read("", "\"namespaces\":[{\"type\":\"x\"}]"))
                .hasMessageContaining("unknown namespace \"x\"");
        assertThatThrownBy(() -> read("", "\"broken\""))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageStartingWith("config.json: ");
        assertThatThrownBy(() -> BundleReader.read(folder.resolve("no"), "c1"))
                .hasMessageContaining("config.json not found");
    }
}
