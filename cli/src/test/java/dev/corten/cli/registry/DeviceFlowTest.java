package dev.corten.cli.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.cli.console.Environment;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// RFC 8628, with servers that keep to it and others.
@Timeout(60)
class DeviceFlowTest {
    private static final String CODE =
            "{\"device_code\":\"d\",\"user_code\":\"U-1\",\"verification_uri\":\"https://x.test/in\","
                    + "\"verification_uri_complete\":\"https://x.test/in?user_code=U-1\","
                    + "\"expires_in\":60,\"interval\":2}";
    private static final String PENDING = "{\"error\":\"authorization_pending\"}";
    private static final String TOKENS =
            "{\"access_token\":\"a\",\"refresh_token\":\"r\",\"id_token\":\"i\"}";

    private final List<Duration> waited = new ArrayList<>();
    private FakeLoginServer server;

    @BeforeEach
    void open() throws IOException {
        server = new FakeLoginServer();
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private DeviceFlow flow(boolean hub) {
        return new DeviceFlow(
                new LoginServer(server.address(), "me", "the registry", "openid", hub),
                new LoginCalls(new Environment(Map.of())),
                waited::add);
    }

    private FakeLoginServer token(int status, String body) {
        return server.answer("/oauth/token", status, body);
    }

    @Test
    void asksUntilSomebodyHasAgreed() throws Exception {
        server.answer("/oauth/device/code", 200, CODE);
        token(403, PENDING);
        token(403, PENDING);
        token(200, TOKENS);
        DeviceFlow flow = flow(true);
        DeviceFlow.Code code = flow.begin();
        assertThat(code.userCode()).isEqualTo("U-1");
        assertThat(code.page()).isEqualTo("https://x.test/in");
        assertThat(code.completePage()).isEqualTo("https://x.test/in?user_code=U-1");
        assertThat(flow.await(code)).isEqualTo(new DeviceFlow.Tokens("a", "i", "r"));
        assertThat(waited).containsOnly(Duration.ofSeconds(2)).hasSize(3);
        assertThat(server.requests().getFirst())
                .isEqualTo(
                        "POST /oauth/device/code client_id=me&audience=the+registry&scope=openid");
        assertThat(server.requests().getLast())
                .isEqualTo(
                        "POST /oauth/token client_id=me&grant_type=urn%3Aietf%3Aparams%3Aoauth%3A"
                                + "grant-type%3Adevice_code&device_code=d");
    }

    @Test
    void asksLessOftenWhenToldTo() throws Exception {
        server.answer("/oauth/device/code", 200, CODE);
        token(400, "{\"error\":\"slow_down\"}");
        token(400, PENDING);
        token(400, "{\"error\":\"slow_down\"}");
        token(200, TOKENS);
        DeviceFlow flow = flow(true);
        flow.await(flow.begin());
        assertThat(waited).extracting(Duration::toSeconds).containsExactly(2L, 7L, 7L, 12L);
    }

    @Test
    void aServerThatIsAwayForAMomentIsAskedLater() throws Exception {
        server.answer("/oauth/device/code", 200, CODE);
        token(0, "");
        token(0, "");
        token(200, TOKENS);
        DeviceFlow flow = flow(true);
        assertThat(flow.await(flow.begin()).access()).isEqualTo("a");
        assertThat(waited).extracting(Duration::toSeconds).isSorted().startsWith(2L, 14L);
    }

    @Test
    void endsWhereTheServerSaysSo() throws Exception {
        server.answer("/oauth/device/code", 200, CODE);
        token(403, "{\"error\":\"access_denied\",\"error_description\":\"not today\"}");
        token(403, "{\"error\":\"access_denied\"}");
        token(403, "{\"error\":\"expired_token\"}");
        token(500, "<html>");
        token(200, "{\"access_token\":\"\"}");
        DeviceFlow flow = flow(true);
        DeviceFlow.Code code = flow.begin();
        for (String reason :
                List.of(
                        "not today",
                        "the login was denied",
                        "the code has expired",
                        "unexpected response from tenant: 500",
                        "unexpected response from tenant: 200")) {
            assertThatThrownBy(() -> flow.await(code)).hasMessage(reason);
        }
    }

    @Test
    void endsWithTheCode() throws Exception {
        server.answer("/oauth/device/code", 200, CODE);
        token(403, PENDING);
        DeviceFlow flow = flow(true);
        DeviceFlow.Code code = flow.begin();
        assertThatThrownBy(() -> flow.await(code)).hasMessage("timed out waiting for device token");
        assertThat(waited).hasSize(31);
    }

    /// Nor does one without an interval have us ask without a pause.
    @Test
    void numbersOfAServerAreBounded() throws Exception {
        server.answer(
                "/oauth/device/code",
                200,
                CODE.replace("60", "99999999999").replace("\"interval\":2", "\"interval\":-1"));
        server.answer("/oauth/device/code", 200, CODE.replace(",\"interval\":2", ""));
        DeviceFlow flow = flow(true);
        DeviceFlow.Code code = flow.begin();
        assertThat(code.life()).isEqualTo(Duration.ofHours(1));
        assertThat(code.interval()).isZero();
        assertThat(flow.begin().interval()).isEqualTo(Duration.ofSeconds(5));
        token(403, "{\"error\":\"access_denied\"}");
        assertThatThrownBy(() -> flow.await(code)).isInstanceOf(IOException.class);
        assertThat(waited).allMatch(time -> time.compareTo(Duration.ZERO) > 0);
    }

    @Test
    void beginsNotWithoutACode() {
        server.answer("/oauth/device/code", 200, "{\"device_code\":\"d\"}");
        server.answer("/oauth/device/code", 302, "{}");
        server.answer("/oauth/device/code", 403, "{\"error_description\":\"who are you\"}");
        assertThatThrownBy(() -> flow(true).begin()).hasMessage("the login server gave no code");
        assertThatThrownBy(() -> flow(true).begin())
                .hasMessage("unexpected response from tenant: 302");
        assertThatThrownBy(() -> flow(true).begin()).hasMessage("who are you");
    }

    @Test
    void otherServersSayWhereTheyAre() throws Exception {
        server.answer(
                "/.well-known/openid-configuration",
                200,
                "{\"device_authorization_endpoint\":\"SERVER/d\",\"token_endpoint\":\"SERVER/t\"}");
        server.answer("/d", 200, CODE).answer("/t", 200, TOKENS);
        DeviceFlow flow = flow(false);
        assertThat(flow.await(flow.begin()).access()).isEqualTo("a");
        assertThat(server.requests()).hasSize(3);
    }

    @Test
    void whatOffersNoDeviceFlowIsNotBegunWith() {
        assertThatThrownBy(() -> flow(false).begin())
                .hasMessage(server.address() + " offers no login by device code");
        assertThat(server.requests())
                .containsExactly(
                        "GET /.well-known/openid-configuration",
                        "GET /.well-known/oauth-authorization-server");
    }

    @Test
    void nothingGoesInTheClear() {
        server.answer(
                "/.well-known/openid-configuration",
                200,
                "{\"device_authorization_endpoint\":\"http://192.0.2.1/d\"}");
        assertThatThrownBy(() -> flow(false).begin())
                .hasMessage("tokens are not asked for in the clear: http://192.0.2.1/d");
    }

    @Test
    void namesAreInTokens() throws Exception {
        assertThat(TokenClaims.of(token("{\"sub\":\"s\",\"preferred_username\":\"p\"}")).user())
                .isEqualTo("p");
        assertThat(
                        TokenClaims.of(token("{\"https://hub.docker.com\":{\"username\":\"h\"}}"))
                                .hubUser())
                .isEqualTo("h");
        for (String none : List.of("", "a.b", "a.!.c", "a.e30.c.d", "a.YQ.c")) {
            assertThatThrownBy(() -> TokenClaims.of(none)).isInstanceOf(IOException.class);
        }
        assertThat(TokenClaims.of("a.e30.c").user()).isEmpty();
    }

    private static String token(String claims) {
        return "h."
                + Base64.getUrlEncoder()
                        .encodeToString(claims.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                + ".s";
    }
}
