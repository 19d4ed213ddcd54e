package dev.corten.registry.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RealmsTest {
    @ParameterizedTest
    @CsvSource({
        "https://192.0.2.1, https://192.0.2.2/token, true",
        "https://192.0.2.1, https://10.0.0.1/token, true",
        "https://192.0.2.1, http://127.0.0.1:8080/token, false",
        "https://192.0.2.1, http://localhost/token, false",
        "https://192.0.2.1, http://0.0.0.0/token, false",
        "https://192.0.2.1, http://169.254.169.254/latest/meta-data/, false",
        "https://192.0.2.1, 'http://[fe80::1]/token', false",
        "https://192.0.2.1, 'http://[::1]/token', false",
        "https://192.0.2.1, 'http://[::ffff:127.0.0.1]/token', false",
        "http://127.0.0.1:5000, http://127.0.0.1:5001/token, true",
        "https://no-such-name.invalid, https://auth.no-such-name.invalid/token, true",
    })
    void onlyWhoIsNearSendsUsNear(URI registry, URI realm, boolean may) {
        assertThat(Realms.mayBeAsked(registry, realm)).isEqualTo(may);
    }
}
