package dev.corten.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.InvalidParameter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenAddressTest {
    @ParameterizedTest
    @CsvSource({
        "'', unix:///run/corten.sock",
        "unix://, unix:///run/corten.sock",
        "unix:///a/b, unix:///a/b",
        "tcp://, tcp://127.0.0.1:2375",
        "tcp://:1, tcp://127.0.0.1:1",
        "tcp://0.0.0.0, tcp://0.0.0.0:2375",
        "tcp://[::1]:5, tcp://[::1]:5",
        "tcp://[::1], tcp://[::1]:2375",
        "127.0.0.1:99, tcp://127.0.0.1:99",
        "foo, tcp://foo:2375",
        "fd://, fd://",
        "fd://*, fd://",
        "fd://4, fd://4",
        "fd://api, fd://api",
    })
    void whatIsLeftOutIsDockers(String given, String complete) {
        assertThat(ListenAddress.parse(given, false).text()).isEqualTo(complete);
    }

    @Test
    void securedPortsHaveTheirOwnDefault() {
        assertThat(ListenAddress.parse("tcp://h", true))
                .isEqualTo(new ListenAddress.Tcp("h", 2376));
    }

    @ParameterizedTest
    @CsvSource({"tcp://h:x", "tcp://h:99999", "tcp://h/path", "npipe://x"})
    void whatIsNoAddressIsRefused(String given) {
        assertThatThrownBy(() -> ListenAddress.parse(given, false))
                .isInstanceOf(InvalidParameter.class);
    }
}
