package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Builds in the network of a container: what Docker's classic builder can, and BuildKit cannot.
@ExtendWith(BuildEngine.class)
class BuildNetworkTest {
    @Test
    @Shows("BLD-23")
    void theClassicBuilderSharesTheNetworkOfAContainer(Engine engine) {
        String id =
                engine.docker()
                        .ok(
                                "run",
                                "-d",
                                "--name",
                                "owner",
                                "-h",
                                "owner-host",
                                "busybox",
                                "sh",
                                "-c",
                                "echo shared >/index.html; exec httpd -f -p 127.0.0.1:8080");
        try (var build = BuildFolder.of(engine, "docker")) {
            build.dockerfile(
                    "FROM busybox",
                    "RUN until wget -qO /got http://127.0.0.1:8080/; do usleep 50000; done;"
                            + " hostname >/name; grep owner-host /etc/hosts >/hosts;"
                            + " hostname -i >/address");
            build.build("-t", "joined", "--network", "container:owner").ok();
            String[] said =
                    engine.docker()
                            .ok(
                                    "run",
                                    "--rm",
                                    "joined",
                                    "cat",
                                    "/got",
                                    "/name",
                                    "/address",
                                    "/hosts")
                            .split("\n");
            String address =
                    engine.docker().ok("inspect", "-f", "{{.NetworkSettings.IPAddress}}", "owner");
            assertThat(said[0]).isEqualTo("shared");
            assertThat(said[1]).isEqualTo("owner-host");
            assertThat(said[2]).isEqualTo(address);
            assertThat(said[3]).isEqualTo(address + "\towner-host");
            // It is still the container's when the step has ended.
            assertThat(
                            engine.docker()
                                    .ok("exec", "owner", "wget", "-qO-", "http://127.0.0.1:8080/"))
                    .isEqualTo("shared");
            build.build("--no-cache", "--network", "container:" + id.substring(0, 12)).ok();
            engine.docker().ok("kill", "owner");
            assertThat(build.build("--no-cache", "--network", "container:owner").status())
                    .isEqualTo(1);
            build.refused(
                    "cannot join network namespace of a non running container: container owner is"
                            + " exited");
            assertThat(build.build("--no-cache", "--network", "container:nope").status())
                    .isEqualTo(1);
            build.refused("joining network namespace of container: No such container: nope");
        }
    }

    @Test
    @Shows("BLD-23")
    void theOtherBuilderDoesNot(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile("FROM busybox", "RUN true");
            assertThat(build.build("--network", "container:any").status()).isEqualTo(1);
            build.refused("network mode \"container:any\" not supported by buildkit");
            assertThat(build.build("--network", "none").status()).isZero();
        }
    }
}
