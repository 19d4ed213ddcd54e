package dev.corten.network.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

final class HostsFileTest {
    @Test
    void givesAnotherAddressToAName() {
        String hosts =
                """
                127.0.0.1\tlocalhost
                10.9.0.2\tdb 0123456789ab db
                10.9.0.3\tdb2 fedcba987654
                10.9.0.4\tother db
                10.9.0.9\tweb
                """;
        assertThat(HostsFile.moved(hosts, "db", InetAddress.ofLiteral("10.9.0.7")))
                .isEqualTo(hosts.replace("10.9.0.2", "10.9.0.7"));
    }

    @Test
    void forgetsAName() {
        assertThat(HostsFile.without("10.9.0.2\tdb x\n10.9.0.3\tdb2\n", "db"))
                .isEqualTo("10.9.0.3\tdb2\n");
    }

    @Test
    void leavesAnUnfinishedLineAlone() {
        assertThat(HostsFile.moved("10.9.0.2\tdb", "db", InetAddress.ofLiteral("10.9.0.7")))
                .isEqualTo("10.9.0.2\tdb");
    }
}
