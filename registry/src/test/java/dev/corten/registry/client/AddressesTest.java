package dev.corten.registry.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.Reference;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.registry.client.FaultServer.Reply;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Hosts with several addresses, of which some are nobody's.
@Timeout(60)
class AddressesTest {
    /// For documentation: nobody has these.
    private static final String NOBODY = "192.0.2.1";

    private static final String NOBODY_6 = "2001:db8::1";

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final AtomicReference<List<String>> found = new AtomicReference<>(List.of());

    private final Addresses.Resolver resolver =
            _ -> found.get().stream().map(InetAddress::ofLiteral).toArray(InetAddress[]::new);

    private static Reply answer(FaultServer.Asked asked) {
        return Reply.of(200, asked.path().equals("/v2/") ? "{}" : "{\"tags\":[\"1\"]}");
    }

    private RegistryClient client(Addresses.Resolver names, String insecure) {
        return new RegistryClient(
                () ->
                        new RegistrySettings(
                                List.of(), List.of(insecure), List.of(), Proxies.NONE, "test/1"),
                () -> 1,
                _ -> {},
                names,
                now::get,
                Duration.ofSeconds(20));
    }

    @Test
    void theFirstAddressThatAnswersIsTaken() throws Exception {
        try (var server = new FaultServer(AddressesTest::answer)) {
            found.set(List.of(NOBODY, NOBODY_6, "127.0.0.9", "127.0.0.1"));
            String authority = "several.example:" + server.port();
            RegistryClient client = client(resolver, authority);
            Reference name = Reference.parse(authority + "/a");
            assertThat(client.pull(name, RegistryCredentials.NONE).tags()).containsExactly("1");
            assertThat(server.asked()).isNotEmpty();
            assertThat(server.asked())
                    .allSatisfy(a -> assertThat(a.header("Host")).isEqualTo(authority));
        }
    }

    @Test
    void whatIsKnownOfAnAddressIsUsedForAWhile() throws Exception {
        var addresses = new Addresses(resolver, now::get);
        var own = InetAddress.ofLiteral("127.0.0.1");
        int port;
        try (var server = new FaultServer(AddressesTest::answer)) {
            port = server.port();
            found.set(List.of(NOBODY, "127.0.0.1"));
            assertThat(addresses.instead("a.example", port)).contains(own);
            // The order of the answers changes all the time.
            found.set(List.of("127.0.0.1", NOBODY));
            assertThat(addresses.instead("a.example", port)).isEmpty();
        }
        found.set(List.of(NOBODY, "127.0.0.1"));
        assertThat(addresses.instead("a.example", port)).contains(own);
        now.set(now.get().plusSeconds(600));
        assertThat(addresses.instead("a.example", port)).isEmpty();
    }

    @Test
    void eachAddressIsGivenUpOnce() throws Exception {
        int port;
        try (var server = new FaultServer(AddressesTest::answer)) {
            port = server.port();
        }
        found.set(List.of("127.0.0.1", "127.0.0.2", "127.0.0.3"));
        var addresses = new Addresses(resolver, now::get);
        int attempts = 1;
        while (addresses.failed("b.example", port, addresses.instead("b.example", port))) {
            attempts++;
        }
        assertThat(attempts).isBetween(2, 4);
        found.set(List.of("127.0.0.1"));
        assertThat(addresses.failed("b.example", port, Optional.empty())).isFalse();
    }

    /// As where a registry listens on `[::1]` only.
    @Test
    void thisHostHasTwoAddressesToo() throws Exception {
        InetAddress[] own = InetAddress.getAllByName("localhost");
        InetAddress last = own[own.length - 1];
        try (var server = new FaultServer(last, AddressesTest::answer)) {
            String authority = "localhost:" + server.port();
            RegistryClient client = client(InetAddress::getAllByName, authority);
            assertThat(
                            client.pull(Reference.parse(authority + "/a"), RegistryCredentials.NONE)
                                    .tags())
                    .as(Arrays.toString(own))
                    .containsExactly("1");
        }
    }

    @Test
    void nobodyIsThere() throws Exception {
        int port;
        try (var server = new FaultServer(AddressesTest::answer)) {
            port = server.port();
        }
        String authority = "localhost:" + port;
        RegistryClient client = client(InetAddress::getAllByName, authority);
        assertThatThrownBy(() ->
                        client.pull(Reference.parse(authority + "/a"), RegistryCredentials.NONE)
                                .tags())
                .hasMessageContaining(port + ": connect: connection refused");
    }
}
