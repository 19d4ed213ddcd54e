package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The host's IPv6 addresses lead to containers that have only IPv4, also while no daemon is there.
@ExtendWith(OnPrivateHost.class)
class Ipv6RelayTest {
    @Test
    @Shows("RUN-09")
    void everyIpv6AddressOfTheHost(Client docker, PrivateHost host) {
        PrivateHost.serve(docker, "web", "-p", "8080:80");
        assertThat(host.ask("::1", 8080)).startsWith("to ");
        assertThat(host.ask(PrivateHost.ADDRESS_6, 8080)).startsWith("to ");
        assertThat(host.askFromOutside(PrivateHost.ADDRESS_6, 8080)).startsWith("to ");
    }

    @Test
    void connectionsWaitForTheNextDaemon(Client docker, Engine engine, PrivateHost host) {
        PrivateHost.serve(docker, "web", "-p", "8080:80", "-p", "5353:53/udp");
        long pid = Long.parseLong(docker.ok("inspect", "-f", "{{.State.Pid}}", "web"));
        try (Running server = host.serveUdp(pid, 53)) {
            engine.kill();
            assertThat(host.ask("127.0.0.1", 8080)).as("translated all the time").startsWith("to");
            try (Running tcp = host.start(PrivateHost.question("tcp", "::1", 8080));
                    Running udp = host.start(PrivateHost.question("udp", "::1", 5353))) {
                Eventually.holds(
                        "they have asked", () -> host.on("ss -tnH").out().contains("8080"));
                engine.open();
                assertThat(tcp.await().out().strip()).startsWith("to ");
                assertThat(udp.await().out()).isEqualTo("udp");
            }
            assertThat(host.ask("::1", 8080)).startsWith("to ");
            assertThat(server.isAlive()).isTrue();
        }
        assertThat(docker.ok("port", "web", "80")).isEqualTo("0.0.0.0:8080\n[::]:8080");
    }
}
