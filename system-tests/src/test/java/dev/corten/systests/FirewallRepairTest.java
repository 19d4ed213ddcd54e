package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What others do to the firewall, in the namespace of the test.
@ExtendWith(OnPrivateHost.class)
class FirewallRepairTest {
    private static final String DOCKER =
            "nft 'add table ip filter; add chain ip filter DOCKER-USER;"
                    + " add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; };"
                    + " add rule ip filter FORWARD jump DOCKER-USER'";

    @Test
    @Shows("NET-34")
    void flushedRulesetIsMadeAnew(Client docker, PrivateHost host) {
        PrivateHost.serve(docker, "web", "-p", "8080:80");
        String before = host.on("nft list ruleset").ok();
        assertThat(before).contains("8080");
        host.on("nft flush ruleset").ok();
        Eventually.get("the ruleset", () -> host.on("nft list ruleset").ok(), before::equals);
        assertThat(host.ask("127.0.0.1", 8080)).startsWith("to ");
        assertThat(host.askFromOutside(PrivateHost.ADDRESS, 8080)).startsWith("to ");
    }

    @Test
    void anotherEngineThatClosesForwardingIsPassed(Client docker, PrivateHost host) {
        PrivateHost.serve(docker, "web", "-p", "8080:80");
        host.on(DOCKER).ok();
        try {
            Eventually.holds(
                    "our packets pass",
                    () -> host.on("nft list chain ip filter DOCKER-USER").ok().contains("accept"));
            assertThat(host.askFromOutside(PrivateHost.ADDRESS, 8080)).startsWith("to ");
            String ping = "ping -c 1 -W 5 " + PrivateHost.OUTSIDE;
            assertThat(docker.ok("run", "--rm", "busybox", "sh", "-c", ping))
                    .contains("1 packets received");
        } finally {
            host.on("nft delete table ip filter").ok();
        }
    }
}
