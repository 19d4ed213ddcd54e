package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `-p` in every form, on a host whose ports are all free.
@ExtendWith(OnPrivateHost.class)
class PortFormsTest {
    private static String run(Client docker, String... options) {
        var command = new ArrayList<>(List.of("run", "-d", "--name", "web"));
        command.addAll(List.of(options));
        command.addAll(List.of("busybox", "sleep", "1000"));
        docker.ok(command.toArray(String[]::new));
        return docker.ok("port", "web");
    }

    @Test
    @Shows({"CTR-31", "CTR-38"})
    void bothFamiliesAreListedAndRangesAreJoined(Client docker, Engine engine) {
        String ports =
                run(docker, "-p", "8080:80", "-p", "9000-9002:9000-9002", "--expose", "7000-7001");
        assertThat(ports)
                .isEqualTo(
                        """
                        80/tcp -> 0.0.0.0:8080
                        80/tcp -> [::]:8080
                        9000/tcp -> 0.0.0.0:9000
                        9000/tcp -> [::]:9000
                        9001/tcp -> 0.0.0.0:9001
                        9001/tcp -> [::]:9001
                        9002/tcp -> 0.0.0.0:9002
                        9002/tcp -> [::]:9002\
                        """);
        String listed =
                "0.0.0.0:9000-9002->9000-9002/tcp, [::]:9000-9002->9000-9002/tcp, 7000-7001/tcp,"
                        + " 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp";
        String docked = docker.ok("ps", "--format", "{{.Ports}}");
        assertThat(docked.split(", ")).containsExactlyInAnyOrder(listed.split(", "));
        assertThat(engine.corten().ok("ps", "--format", "{{.Ports}}")).isEqualTo(docked);
        assertThat(docker.ok("port", "web", "80")).isEqualTo("0.0.0.0:8080\n[::]:8080");
        assertThat(docker.ok("port", "web", "80/tcp")).isEqualTo("0.0.0.0:8080\n[::]:8080");
        assertThat(docker.run("port", "web", "80/udp").err())
                .isEqualTo("Error: No public port '80/udp' published for web\n");
        assertThat(engine.corten().ok("port", "web")).isEqualTo(ports);
        assertThat(engine.corten().ok("port", "web", "80")).isEqualTo("0.0.0.0:8080\n[::]:8080");
    }

    @Test
    @Shows("RUN-09")
    void everyFormOfPublish(Client docker) {
        assertThat(run(docker, "-p", "127.0.0.1:8100-8105:80"))
                .isEqualTo("80/tcp -> 127.0.0.1:8100");
        docker.ok("rm", "-f", "web");
        assertThat(run(docker, "-p", "8100-8101:80-81/udp"))
                .isEqualTo(
                        """
                        80/udp -> 0.0.0.0:8100
                        80/udp -> [::]:8100
                        81/udp -> 0.0.0.0:8101
                        81/udp -> [::]:8101\
                        """);
        docker.ok("rm", "-f", "web");
        assertThat(run(docker, "-p", "[::1]:8100:80", "-p", "8101:80", "-p", "0.0.0.0:8102:80"))
                .isEqualTo(
                        """
                        80/tcp -> 0.0.0.0:8101
                        80/tcp -> 0.0.0.0:8102
                        80/tcp -> [::1]:8100
                        80/tcp -> [::]:8101\
                        """);
        assertThat(docker.ok("inspect", "-f", "{{json .HostConfig.PortBindings}}", "web"))
                .isEqualTo(
                        "{\"80/tcp\":[{\"HostIp\":\"::1\",\"HostPort\":\"8100\"},"
                                + "{\"HostIp\":\"\",\"HostPort\":\"8101\"},"
                                + "{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"8102\"}]}");
        assertThat(docker.ok("inspect", "-f", "{{json .NetworkSettings.Ports}}", "web"))
                .isEqualTo(
                        "{\"80/tcp\":[{\"HostIp\":\"::1\",\"HostPort\":\"8100\"},"
                                + "{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"8101\"},"
                                + "{\"HostIp\":\"::\",\"HostPort\":\"8101\"},"
                                + "{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"8102\"}]}");
    }

    @Test
    @Shows({"RUN-10", "RUN-11"})
    void numbersToChooseAscendByProtocol(Client docker) {
        assertThat(run(docker, "-P", "--expose", "80-81", "--expose", "80/udp"))
                .isEqualTo(
                        """
                        80/tcp -> 0.0.0.0:32768
                        80/tcp -> [::]:32768
                        80/udp -> 0.0.0.0:32768
                        80/udp -> [::]:32768
                        81/tcp -> 0.0.0.0:32769
                        81/tcp -> [::]:32769\
                        """);
        docker.ok("rm", "-f", "web");
        assertThat(run(docker, "-p", "80", "-p", "80/udp"))
                .as("what was released waits")
                .isEqualTo(
                        """
                        80/tcp -> 0.0.0.0:32770
                        80/tcp -> [::]:32770
                        80/udp -> 0.0.0.0:32769
                        80/udp -> [::]:32769\
                        """);
    }

    @Test
    void conflictsAreToldInDockersWords(Client docker, PrivateHost host) {
        docker.ok("run", "-d", "--name", "web", "-p", "8099:80", "busybox", "sleep", "1000");
        String prefix =
                "docker: Error response from daemon: failed to set up container networking: driver"
                        + " failed programming external connectivity on endpoint port \\([0-9a-f]{64}\\): ";
        assertThat(refusal(docker, "8099:80"))
                .matches(prefix + "Bind for 0\\.0\\.0\\.0:8099 failed: port is already allocated");
        assertThat(refusal(docker, "[::1]:8099:80"))
                .matches(prefix + "Bind for :::8099 failed: port is already allocated");
        assertThat(refusal(docker, "8099-8099:80"))
                .matches(prefix + "Bind for 0\\.0\\.0\\.0:8099 failed: port is already allocated");
        assertThat(refusal(docker, "192.0.2.77:80:80"))
                .matches(
                        prefix
                                + "failed to bind host port for 192\\.0\\.2\\.77:80:[0-9.]+:80/tcp:"
                                + " cannot assign requested address");
        try (var taker = host.listen(8098)) {
            assertThat(refusal(docker, "8098:80"))
                    .matches(
                            prefix
                                    + "failed to bind host port for 0\\.0\\.0\\.0:8098:[0-9.]+:80/tcp:"
                                    + " address already in use");
            assertThat(refusal(docker, "8098-8099:80"))
                    .matches(
                            prefix
                                    + "failed to bind host port 8098 for 0\\.0\\.0\\.0:8098-8099:"
                                    + "[0-9.]+:80/tcp: address already in use");
            assertThat(taker.isAlive()).isTrue();
        }
        docker.ok("rm", "-f", "web");
        assertThat(docker.run("run", "--rm", "-p", "8099:80", "busybox", "echo", "free").out())
                .isEqualTo("free\n");
    }

    private static String refusal(Client docker, String port) {
        Finished run = docker.run("run", "--rm", "--name", "port", "-p", port, "busybox", "true");
        assertThat(run.status()).isEqualTo(125);
        return run.err().lines().findFirst().orElseThrow();
    }

    @Test
    void conflictIsAnInternalError(Client docker, Api api) {
        docker.ok("run", "-d", "--name", "web", "-p", "8099:80", "busybox", "sleep", "1000");
        docker.ok("create", "--name", "other", "-p", "8099:80", "busybox", "sleep", "1000");
        assertThat(api.call("POST", "/containers/other/start").status()).isEqualTo(500);
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "other"))
                .isEqualTo("created 128");
        docker.ok("rm", "-f", "web");
        docker.ok("start", "other");
    }

    @Test
    void sctpIsRefusedWithItsReason(Client docker) {
        Finished run = docker.run("run", "--rm", "-p", "80:80/sctp", "busybox", "true");
        assertThat(run.status()).isEqualTo(125);
        assertThat(run.err()).contains("publishing sctp ports is not supported yet");
        assertThat(docker.ok("run", "--rm", "--expose", "80/sctp", "busybox", "echo", "exposed"))
                .isEqualTo("exposed");
    }
}
