package dev.corten.registry.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.model.Reference;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.registry.client.FaultServer.Reply;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProxyTest {
    private static final String NAME = "registry.invalid:5000";
    private static final String PASSWORD = "Basic bWU6cyE=";

    private static Reply answer(FaultServer.Asked asked) {
        if (!asked.header("Proxy-Authorization").equals(PASSWORD)) {
            return Reply.of(407, "", "Proxy-Authenticate: Basic realm=\"p\"");
        }
        if (asked.method().equals("CONNECT")) {
            return Reply.of(403, "no");
        }
        return Reply.of(200, "{\"tags\":[\"1\"]}");
    }

    @Test
    void registryIsAskedThroughTheProxyWithItsPassword() throws Exception {
        try (var proxy = new FaultServer(ProxyTest::answer)) {
            String address = "http://me:s%21@" + proxy.authority();
            var client =
                    new RegistryClient(() ->
                            new RegistrySettings(
                                    List.of(),
                                    List.of(NAME),
                                    List.of(),
                                    new Proxies(address, address, ""),
                                    "test/1"));
            Repository repository =
                    client.pull(Reference.parse(NAME + "/a"), RegistryCredentials.NONE);
            assertThat(repository.tags()).containsExactly("1");
            assertThat(proxy.asked())
                    .as("HTTPS was tried, by a tunnel")
                    .anyMatch(a -> a.is("CONNECT", NAME));
            assertThat(proxy.asked()).anyMatch(a -> a.is("GET", "http://" + NAME + "/v2/"));
        }
    }
}
