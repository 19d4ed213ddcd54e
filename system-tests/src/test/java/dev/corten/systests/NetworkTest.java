package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Who reaches whom.
@ExtendWith(PrivateEngine.class)
class NetworkTest {
    /// Answers each connection.
    private static final String SERVER =
            "echo up; while :; do echo served | nc -l -p 80 >/dev/null 2>&1; done";

    @Test
    @Shows("RUN-08")
    void publishedPortIsReachedByLocalhost(Client docker) {
        int port = serve(docker, "web");
        assertThat(talk("127.0.0.1", port)).isEqualTo("served\n");
    }

    @Test
    void publishedPortIsReachedByTheBridgesAddress(Client docker, Engine engine) {
        int port = serve(docker, "web");
        assertThat(talk(engine.bridgeAddress(), port)).isEqualTo("served\n");
    }

    @Test
    void publishedPortIsReachedFromAnotherContainer(Client docker, Engine engine) {
        int port = serve(docker, "web");
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "busybox",
                                "sh",
                                "-c",
                                "nc -w 5 " + engine.bridgeAddress() + " " + port + " </dev/null"))
                .isEqualTo("served");
    }

    @Test
    @Shows("NET-34")
    void publishedPortIsReachedFromTheContainerItself(Client docker, Engine engine) {
        int port = serve(docker, "web");
        assertThat(
                        docker.ok(
                                "exec",
                                "web",
                                "sh",
                                "-c",
                                "nc -w 5 " + engine.bridgeAddress() + " " + port + " </dev/null"))
                .isEqualTo("served");
    }

    @Test
    @Shows("NET-22")
    void containersReachEachOtherAndTheHostReachesThem(Client docker) {
        serve(docker, "web");
        String address = address(docker, "web");
        assertThat(talk(address, 80)).isEqualTo("served\n");
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "busybox",
                                "sh",
                                "-c",
                                "nc -w 5 " + address + " 80 </dev/null"))
                .isEqualTo("served");
    }

    @Test
    @Shows({"CTR-31", "CTR-38"})
    void boundPortsAreListed(Client docker) {
        int port = serve(docker, "web");
        assertThat(docker.ok("port", "web", "80/tcp")).contains("0.0.0.0:" + port);
        assertThat(docker.ok("ps", "--format", "{{.Ports}}")).contains(port + "->80/tcp");
        docker.ok("kill", "web");
        assertThat(docker.ok("ps", "-a", "--format", "<{{.Ports}}>")).isEqualTo("<>");
        Eventually.holds("the port is closed", () -> !listens("127.0.0.1", port));
    }

    @Test
    @Shows("RUN-09")
    void portOfOneAddressIsNotOpenOnOthers(Client docker, Engine engine) throws IOException {
        int port = freePort();
        docker.ok(
                "run",
                "-d",
                "--name",
                "web",
                "-p",
                "127.0.0.1:" + port + ":80",
                "busybox",
                "sh",
                "-c",
                SERVER);
        assertThat(talk("127.0.0.1", port)).isEqualTo("served\n");
        assertThat(listens(engine.bridgeAddress(), port)).isFalse();
    }

    @Test
    void portOfAContainerIsTaken(Client docker) {
        int port = serve(docker, "web");
        Finished second = docker.run("run", "-p", port + ":80", "busybox", "true");
        assertThat(second.status()).isEqualTo(125);
        assertThat(second.err())
                .contains("Bind for 0.0.0.0:" + port + " failed: port is already allocated");
        docker.ok("rm", "-f", "web");
        assertThat(docker.run("run", "--rm", "-p", port + ":80", "busybox", "echo", "free").out())
                .isEqualTo("free\n");
    }

    @Test
    void portOfAHostProcessIsTaken(Client docker) throws IOException {
        try (var host = new ServerSocket(0)) {
            Finished run = docker.run("run", "-p", host.getLocalPort() + ":80", "busybox", "true");
            assertThat(run.status()).isEqualTo(125);
            assertThat(run.err())
                    .contains("failed to bind host port for 0.0.0.0:" + host.getLocalPort())
                    .contains("address already in use");
        }
    }

    @Test
    @Shows("NET-29")
    void noneHasOnlyLoopback(Client docker) {
        assertThat(docker.ok("run", "--rm", "--network", "none", "busybox", "ls", "/sys/class/net"))
                .isEqualTo("lo");
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "--network",
                                "none",
                                "busybox",
                                "ping",
                                "-c1",
                                "127.0.0.1"))
                .contains("1 packets received");
    }

    @Test
    @Shows("NET-28")
    void hostIsTheHosts(Client docker) throws IOException {
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "--network",
                                "host",
                                "busybox",
                                "readlink",
                                "/proc/self/ns/net"))
                .isEqualTo(
                        java.nio.file.Files.readSymbolicLink(
                                        java.nio.file.Path.of("/proc/self/ns/net"))
                                .toString());
    }

    @Test
    @Shows("RUN-17")
    void containerModeSharesTheOthersNetwork(Client docker) {
        serve(docker, "web");
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "--network",
                                "container:web",
                                "busybox",
                                "sh",
                                "-c",
                                "nc -w 5 127.0.0.1 80 </dev/null; hostname"))
                .isEqualTo("served\n" + docker.ok("inspect", "-f", "{{.Config.Hostname}}", "web"));
        Finished absent =
                docker.run("run", "--rm", "--network", "container:nope", "busybox", "true");
        assertThat(absent.status()).isEqualTo(125);
        assertThat(absent.err()).contains("No such container: nope");
    }

    @Test
    @Shows({"RUN-12", "RUN-13", "RUN-15"})
    void namesAreResolvedByTheFilesOfTheContainer(Client docker) {
        Finished run =
                docker.run(
                        "run",
                        "--rm",
                        "--hostname",
                        "h1",
                        "--add-host",
                        "friend:192.0.2.7",
                        "busybox",
                        "sh",
                        "-c",
                        "cat /etc/hostname /etc/hosts; hostname -i");
        assertThat(run.lines().getFirst()).isEqualTo("h1");
        assertThat(run.out())
                .contains("127.0.0.1\tlocalhost", "192.0.2.7\tfriend")
                .containsPattern("10\\.88\\.\\d+\\.\\d+\th1");
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "--dns",
                                "192.0.2.53",
                                "--dns-search",
                                "example",
                                "busybox",
                                "cat",
                                "/etc/resolv.conf"))
                .contains("nameserver 192.0.2.53", "search example");
    }

    @Test
    @Shows({"NET-03", "NET-25"})
    void eachContainerHasAnAddressOfTheBridge(Client docker, Engine engine) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "100");
        docker.ok("run", "-d", "--name", "c2", "busybox", "sleep", "100");
        String prefix = engine.bridgeAddress().replaceFirst("\\.1$", ".");
        assertThat(address(docker, "c1")).startsWith(prefix);
        assertThat(address(docker, "c2")).startsWith(prefix).isNotEqualTo(address(docker, "c1"));
        assertThat(docker.ok("inspect", "-f", "{{.NetworkSettings.Gateway}}", "c1"))
                .isEqualTo(engine.bridgeAddress());
    }

    private static int serve(Client docker, String name) {
        docker.ok("run", "-d", "--name", name, "-p", "80", "busybox", "sh", "-c", SERVER);
        String port = docker.ok("port", name, "80/tcp").lines().findFirst().orElseThrow();
        return Integer.parseInt(port.substring(port.lastIndexOf(':') + 1));
    }

    private static String address(Client docker, String name) {
        return docker.ok("inspect", "-f", "{{.NetworkSettings.IPAddress}}", name);
    }

    /// Connects until somebody serves: between two connections the server starts anew.
    static String talk(String host, int port) {
        return Eventually.get(
                host + ":" + port,
                () -> {
                    try (var socket = new Socket()) {
                        socket.connect(new InetSocketAddress(host, port), 2000);
                        socket.setSoTimeout(3000);
                        socket.shutdownOutput();
                        return new String(socket.getInputStream().readAllBytes(), UTF_8);
                    } catch (IOException e) {
                        return e.toString();
                    }
                },
                answer -> answer.equals("served\n"));
    }

    private static boolean listens(String host, int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
