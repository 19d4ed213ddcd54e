package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Who reaches a published port, and by which address the container knows him.
@ExtendWith(OnPrivateHost.class)
class PublishTest {
    private static final String GATEWAY = PrivateHost.BRIDGE;

    @Test
    @Shows("RUN-08")
    void everyAddressOfTheHostAndClientsKeepTheirs(Client docker, PrivateHost host) {
        PrivateHost.serve(docker, "web", "-p", "8080:80");
        assertThat(host.ask("127.0.0.1", 8080)).isEqualTo("to " + mapped(GATEWAY));
        assertThat(host.ask(GATEWAY, 8080)).startsWith("to ");
        assertThat(host.ask(PrivateHost.ADDRESS, 8080)).startsWith("to ");
        assertThat(host.askFromOutside(PrivateHost.ADDRESS, 8080))
                .isEqualTo("to " + mapped(PrivateHost.OUTSIDE));
    }

    /// As the server writes IPv4 addresses.
    private static String mapped(String address) {
        return "[::ffff:" + address + "]";
    }

    @Test
    void aContainerReachesItsOwnPortAndAnothers(Client docker) {
        PrivateHost.serve(docker, "web", "-p", "8080:80");
        for (String address : new String[] {GATEWAY, PrivateHost.ADDRESS}) {
            String ask =
                    "printf 'GET /cgi-bin/who HTTP/1.0\\n\\n' | nc -w 5 "
                            + address
                            + " 8080 | tail -n 1";
            assertThat(docker.ok("exec", "web", "sh", "-c", ask)).as(address).startsWith("to ");
            assertThat(docker.ok("run", "--rm", "busybox", "sh", "-c", ask))
                    .as(address)
                    .startsWith("to ");
        }
    }

    @Test
    @Shows("RUN-09")
    void oneAddressIsNotTheOthers(Client docker, PrivateHost host) {
        PrivateHost.serve(docker, "web", "-p", "127.0.0.1:8080:80");
        assertThat(host.ask("127.0.0.1", 8080)).startsWith("to ");
        assertThat(host.ask(PrivateHost.ADDRESS, 8080)).isEmpty();
        assertThat(host.askFromOutside(PrivateHost.ADDRESS, 8080)).isEmpty();
        assertThat(host.ask("::1", 8080)).isEmpty();
    }

    @Test
    void datagrams(Client docker, PrivateHost host) {
        docker.ok("run", "-d", "--name", "dns", "-p", "5353:53/udp", "busybox", "sleep", "1000");
        long pid = Long.parseLong(docker.ok("inspect", "-f", "{{.State.Pid}}", "dns"));
        try (Running server = host.serveUdp(pid, 53)) {
            assertThat(host.askUdp("127.0.0.1", 5353)).isEqualTo("udp");
            assertThat(host.askUdp("::1", 5353)).isEqualTo("udp");
            assertThat(host.askUdp(PrivateHost.ADDRESS, 5353)).isEqualTo("udp");
            assertThat(server.isAlive()).isTrue();
        }
    }

    @Test
    void whatIsNotPublishedIsClosedToTheWorld(Client docker, PrivateHost host) {
        PrivateHost.serve(docker, "web");
        String address = docker.ok("inspect", "-f", "{{.NetworkSettings.IPAddress}}", "web");
        assertThat(host.ask(address, 80)).startsWith("to ");
        Finished outside = host.outside("timeout 1 bash -c 'exec 3<>/dev/tcp/" + address + "/80'");
        assertThat(outside.status()).as("no answer, no refusal").isEqualTo(124);
    }

    @Test
    void publishedPortIsClosedWithItsContainer(Client docker, PrivateHost host) {
        PrivateHost.serve(docker, "web", "-p", "8080:80");
        assertThat(host.ask("::1", 8080)).startsWith("to ");
        docker.ok("rm", "-f", "web");
        assertThat(host.on("exec 3<>/dev/tcp/::1/8080").err()).contains("refused");
        assertThat(host.on("exec 3<>/dev/tcp/127.0.0.1/8080").err()).contains("refused");
        PrivateHost.serve(docker, "web", "-p", "8080:80");
        assertThat(host.ask("::1", 8080)).startsWith("to ");
    }
}
