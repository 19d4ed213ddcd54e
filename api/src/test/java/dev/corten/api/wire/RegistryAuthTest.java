package dev.corten.api.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.InvalidParameter;
import dev.corten.model.image.RegistryCredentials;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegistryAuthTest {
    private static final String JSON =
            "{\"username\":\"ann\",\"password\":\"p~>?ü\",\"serveraddress\":\"r:5000\","
                    + "\"identitytoken\":\"i\",\"registrytoken\":\"t\"}";

    @Test
    void readsBothAlphabetsPaddedOrNot() {
        byte[] bytes = JSON.getBytes(StandardCharsets.UTF_8);
        for (Base64.Encoder encoder :
                List.of(
                        Base64.getEncoder(),
                        Base64.getEncoder().withoutPadding(),
                        Base64.getUrlEncoder(),
                        Base64.getUrlEncoder().withoutPadding())) {
            assertThat(RegistryAuth.decode(encoder.encodeToString(bytes)))
                    .contains(new RegistryCredentials("ann", "p~>?ü", "r:5000", "i", "t"));
        }
    }

    @Test
    void emptyObjectIsNobody() {
        assertThat(RegistryAuth.decode("e30=")).contains(RegistryCredentials.NONE);
    }

    @Test
    void whatCannotBeReadIsNothing() {
        assertThat(RegistryAuth.decode(null)).isEmpty();
        assertThat(RegistryAuth.decode("")).isEmpty();
        assertThat(RegistryAuth.decode("!!!")).isEmpty();
        assertThat(RegistryAuth.decode("bm8ganNvbg==")).isEmpty();
        assertThat(RegistryAuth.decode("eyJ1c2VybmFtZSI6MX0=")).isEmpty();
    }

    @Test
    void nameAndPasswordMayBeOne() {
        assertThat(
                        RegistryAuth.read(
                                JsonInput.parse(
                                        "{\"auth\":\"YW5uOmE6Yg==\"}"
                                                .getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(new RegistryCredentials("ann", "a:b", "", "", ""));
        assertThatThrownBy(() ->
                        RegistryAuth.read(
                                JsonInput.parse(
                                        "{\"auth\":\"*\"}".getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(InvalidParameter.class);
    }
}
