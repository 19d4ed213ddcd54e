package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What builds may be allowed, as `daemon.json` says.
class BuildRightsTest {
    private static final String GRANTING = "granting entitlement ";
    private static final String REFUSED = " is not allowed by build daemon configuration";

    @TempDir Path folder;

    private Engine start(String json) throws IOException {
        Machine.hasRoot();
        Machine.hasProgram("docker");
        Path file = Files.writeString(folder.resolve("daemon.json"), json);
        return Engine.start("--config-file", file.toString());
    }

    @Test
    @Shows("BLD-25")
    void theNetworkOfTheHostButNothingElseUnlessTheFileSaysOtherwise() throws IOException {
        Engine engine = start("{}");
        try (var build = BuildFolder.of(engine, "corten")) {
            BuildBases.busybox().load(engine);
            build.dockerfile("FROM busybox", "RUN --network=host true");
            assertThat(build.build().status()).isEqualTo(1);
            build.refused("network.host is not allowed");
            build.build("--allow", "network.host").ok();
            build.build("--network", "host").ok();
            build.dockerfile("FROM busybox", "RUN --security=insecure true");
            assertThat(build.build().status()).isEqualTo(1);
            build.refused("security.insecure is not allowed");
            assertThat(build.build("--allow", "security.insecure").status()).isEqualTo(1);
            build.refused(GRANTING + "security.insecure" + REFUSED);
            assertThat(build.build("--allow", "device=vendor.com/gpu").status()).isEqualTo(1);
            build.refused(GRANTING + "device" + REFUSED);
        } finally {
            engine.closeCleanly();
        }
    }

    @Test
    @Shows({"BLD-25", "DF-23"})
    void theFileGivesAndTakes() throws IOException {
        Engine engine =
                start(
                        "{\"builder\": {\"entitlements\":"
                                + " {\"network-host\": false, \"security-insecure\": true}}}");
        try (var build = BuildFolder.of(engine, "corten")) {
            BuildBases.busybox().load(engine);
            build.dockerfile("FROM busybox", "RUN true");
            assertThat(build.build("--network", "host").status()).isEqualTo(1);
            build.refused(GRANTING + "network.host" + REFUSED);
            build.dockerfile(
                    "FROM busybox",
                    "RUN --security=insecure grep CapEff /proc/self/status >/caps",
                    "RUN grep CapEff /proc/self/status >/less");
            assertThat(build.build().status()).isEqualTo(1);
            build.refused("security.insecure is not allowed");
            build.build("-t", "insecure", "--allow", "security.insecure").ok();
            String[] caps =
                    engine.docker()
                            .ok("run", "--rm", "insecure", "cat", "/caps", "/less")
                            .split("\n");
            assertThat(caps[0]).isNotEqualTo(caps[1]);
        } finally {
            engine.removeContainers();
            engine.closeCleanly();
        }
    }
}
