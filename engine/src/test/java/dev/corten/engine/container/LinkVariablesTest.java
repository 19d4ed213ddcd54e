package dev.corten.engine.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.engine.container.rules.LinkText;
import dev.corten.model.CortenException;
import dev.corten.model.container.ContainerConfig;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LinkVariablesTest {
    private static List<String> variables(List<String> ports, List<String> environment) {
        var config = ContainerConfig.DEFAULT.edit();
        config.exposedPorts = new TreeSet<>(ports);
        config.env = environment;
        return LinkVariables.of("my-db", "/web/my-db", "10.9.0.2", config.done());
    }

    @Test
    void aPortHasFiveVariables() {
        assertThat(variables(List.of("5432/tcp"), List.of("A=b=c", "HOME=/", "PATH=/bin", "X")))
                .containsExactly(
                        "MY_DB_PORT=tcp://10.9.0.2:5432",
                        "MY_DB_PORT_5432_TCP=tcp://10.9.0.2:5432",
                        "MY_DB_PORT_5432_TCP_ADDR=10.9.0.2",
                        "MY_DB_PORT_5432_TCP_PORT=5432",
                        "MY_DB_PORT_5432_TCP_PROTO=tcp",
                        "MY_DB_NAME=/web/my-db",
                        "MY_DB_ENV_A=b=c");
    }

    @Test
    void portsInARowAreARangeToo() {
        assertThat(variables(List.of("7001/tcp", "7000/tcp", "90/udp"), List.of()))
                .startsWith("MY_DB_PORT=udp://10.9.0.2:90")
                .containsSubsequence(
                        "MY_DB_PORT_7000_TCP_START=tcp://10.9.0.2:7000",
                        "MY_DB_PORT_7000_TCP_PORT_START=7000",
                        "MY_DB_PORT_7000_TCP_END=tcp://10.9.0.2:7001",
                        "MY_DB_PORT_7000_TCP_PORT_END=7001",
                        "MY_DB_NAME=/web/my-db");
    }

    @Test
    void readsWhatClientsAndInspectWrite() {
        assertThat(LinkText.parse("db")).isEqualTo(new LinkText("db", "db"));
        assertThat(LinkText.parse("db:a")).isEqualTo(new LinkText("db", "a"));
        assertThat(LinkText.parse("/db:/web/a")).isEqualTo(new LinkText("db", "a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a:b:c", "db:a/b", "db:..", "db:a\nb"})
    void refusesWhatIsNoLink(String text) {
        assertThatThrownBy(() -> LinkText.parse(text)).isInstanceOf(CortenException.class);
    }
}
