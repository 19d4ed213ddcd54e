package dev.corten.network.port;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.model.container.PortBinding;
import dev.corten.network.address.IpText;
import dev.corten.network.address.Subnet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// As Docker 28.5 decides it, asked with the same options.
class PublishGroupTest {
    private static final PublishGroup.Rules BOTH = new PublishGroup.Rules(Subnet.ANY, true);
    private static final PublishGroup.Rules ONLY_4 = new PublishGroup.Rules(Subnet.ANY, false);

    /// @param specs `ip|hostPort|80/tcp`
    private static List<String> groups(PublishGroup.Rules rules, String... specs) {
        Map<String, List<PortBinding>> bindings = new LinkedHashMap<>();
        for (String spec : specs) {
            String[] parts = spec.split("\\|", -1);
            bindings.computeIfAbsent(parts[2], _ -> new ArrayList<>())
                    .add(new PortBinding(parts[0], parts[1]));
        }
        return PublishGroup.of(PublishRequest.parse(bindings), rules).stream()
                .map(group ->
                        group.addresses().stream().map(IpText::of).collect(Collectors.joining(","))
                                + " "
                                + group.hostPorts()
                                + " "
                                + group.containerPort()
                                + "/"
                                + group.protocol())
                .toList();
    }

    @Test
    void noAddressMeansBothFamilies() {
        assertThat(groups(BOTH, "|8080|80/tcp")).containsExactly("0.0.0.0,:: 8080 80/tcp");
        assertThat(groups(ONLY_4, "|8080|80/tcp")).containsExactly("0.0.0.0 8080 80/tcp");
    }

    @Test
    void oneAddressMeansThatOne() {
        assertThat(groups(BOTH, "0.0.0.0|8080|80/tcp")).containsExactly("0.0.0.0 8080 80/tcp");
        assertThat(groups(BOTH, "::|8080|80/tcp")).containsExactly(":: 8080 80/tcp");
        assertThat(groups(BOTH, "127.0.0.1||80/udp")).containsExactly("127.0.0.1  80/udp");
        assertThat(groups(ONLY_4, "::1|8080|80/tcp")).isEmpty();
    }

    @Test
    void bindingsThatDifferInTheAddressShareTheNumber() {
        assertThat(groups(BOTH, "::1||80/tcp", "127.0.0.1||80/tcp", "127.0.0.1||81/tcp"))
                .containsExactly("127.0.0.1,::1  80/tcp", "127.0.0.1  81/tcp");
        assertThat(groups(BOTH, "|80|80/tcp", "|80|80/tcp"))
                .containsExactly("0.0.0.0,:: 80 80/tcp");
    }

    @Test
    void fixedNumbersComeFirstThenTheContainersPorts() {
        assertThat(
                        groups(
                                ONLY_4,
                                "||9/udp",
                                "||9/tcp",
                                "|8000-8010|10/tcp",
                                "|8001|443/tcp",
                                "|8000|80/tcp"))
                .containsExactly(
                        "0.0.0.0 8000 80/tcp",
                        "0.0.0.0 8001 443/tcp",
                        "0.0.0.0  9/tcp",
                        "0.0.0.0  9/udp",
                        "0.0.0.0 8000-8010 10/tcp");
    }

    @Test
    void daemonsOwnAddressTakesThePlaceOfAll() {
        var loopback = new PublishGroup.Rules(Subnet.parseAddress("127.0.0.1"), true);
        assertThat(groups(loopback, "|8080|80/tcp", "::1|8080|80/tcp", "0.0.0.0|81|81/tcp"))
                .containsExactly("127.0.0.1,::1 8080 80/tcp", "0.0.0.0 81 81/tcp");
        var six = new PublishGroup.Rules(Subnet.parseAddress("::1"), true);
        assertThat(groups(six, "|8080|80/tcp")).containsExactly("::1 8080 80/tcp");
    }
}
