package dev.corten.cli.registry;

import dev.corten.cli.registry.LoginCalls.Answer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The device flow of RFC 8628: somebody at a browser says who we are, while we ask again and again.
final class DeviceFlow {
    private static final String GRANT = "urn:ietf:params:oauth:grant-type:device_code";

    /// By RFC 8628, 3.5.
    private static final Duration USUAL_INTERVAL = Duration.ofSeconds(5);

    private static final Duration SLOWER = Duration.ofSeconds(5);
    private static final Duration LONGEST_INTERVAL = Duration.ofMinutes(1);
    private static final Duration USUAL_LIFE = Duration.ofMinutes(15);
    private static final long LONGEST_LIFE_SECONDS = 3600;

    /// Waits.
    @FunctionalInterface
    interface Pause {
        void of(Duration time) throws InterruptedException;
    }

    /// What is shown to the user, and asked for meanwhile.
    ///
    /// @param page where the code is typed
    /// @param completePage the same with the code in it
    record Code(
            String deviceCode,
            String userCode,
            String page,
            String completePage,
            Duration interval,
            Duration life) {}

    /// @param refresh empty if the server gives none
    record Tokens(String access, String id, String refresh) {}

    private record Addresses(String code, String token, String revocation) {}

    private final LoginServer server;
    private final LoginCalls calls;
    private final Pause pause;
    private @Nullable Addresses known;

    DeviceFlow(LoginServer server, LoginCalls calls, Pause pause) {
        this.server = server;
        this.calls = calls;
        this.pause = pause;
    }

    /// @throws IOException if the server does not begin: there may be another way to log in
    Code begin() throws IOException {
        Answer answer =
                calls.post(
                        addresses().code(),
                        "client_id",
                        server.clientId(),
                        "audience",
                        server.audience(),
                        "scope",
                        server.scope());
        if (answer.status() != 200) {
            throw new IOException(reason(answer));
        }
        String page = answer.text("verification_uri");
        String complete = answer.text("verification_uri_complete");
        String deviceCode = answer.text("device_code");
        String userCode = answer.text("user_code");
        if (deviceCode.isEmpty() || userCode.isEmpty() || (page + complete).isEmpty()) {
            throw new IOException("the login server gave no code");
        }
        return new Code(
                deviceCode,
                userCode,
                page.isEmpty() ? complete.replaceFirst("\\?.*", "") : page,
                complete.isEmpty() ? page : complete,
                seconds(answer, "interval", USUAL_INTERVAL),
                seconds(answer, "expires_in", USUAL_LIFE));
    }

    private static Duration seconds(Answer answer, String name, Duration usual) {
        long seconds = answer.body().get(name).integer(usual.toSeconds());
        return Duration.ofSeconds(Math.clamp(seconds, 0, LONGEST_LIFE_SECONDS));
    }

    /// Asks until somebody has decided, or the code has expired.
    Tokens await(Code code) throws IOException, InterruptedException {
        String address = addresses().token();
        Duration interval = code.interval();
        Duration waited = Duration.ZERO;
        while (waited.compareTo(code.life()) <= 0) {
            // One who says no interval does not want to be asked without end.
            Duration next = interval.isZero() ? Duration.ofMillis(100) : interval;
            pause.of(next);
            waited = waited.plus(next);
            Answer answer;
            try {
                answer =
                        calls.post(
                                address,
                                "client_id",
                                server.clientId(),
                                "grant_type",
                                GRANT,
                                "device_code",
                                code.deviceCode());
            } catch (IOException e) {
                // By the RFC: not an end, but a reason to ask less often.
                interval = min(interval.plus(SLOWER).multipliedBy(2), LONGEST_INTERVAL);
                continue;
            }
            String error = answer.text("error");
            switch (error) {
                case "" -> {
                    String access = answer.text("access_token");
                    if (answer.status() != 200 || access.isEmpty()) {
                        throw new IOException(reason(answer));
                    }
                    return new Tokens(
                            access, answer.text("id_token"), answer.text("refresh_token"));
                }
                case "authorization_pending" -> {
                    // Nobody has typed the code yet.
                }
                case "slow_down" -> interval = interval.plus(SLOWER);
                default -> throw new IOException(reason(answer));
            }
        }
        throw new IOException("timed out waiting for device token");
    }

    /// @param refreshToken that is good for nothing from now on
    void revoke(String refreshToken) throws IOException {
        Answer answer =
                calls.post(
                        addresses().revocation(),
                        "client_id",
                        server.clientId(),
                        "token",
                        refreshToken);
        if (answer.status() != 200) {
            throw new IOException(reason(answer));
        }
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static String reason(Answer answer) {
        String description = answer.text("error_description");
        if (!description.isEmpty()) {
            return description;
        }
        return switch (answer.text("error")) {
            case "access_denied" -> "the login was denied";
            case "expired_token" -> "the code has expired";
            case "" -> "unexpected response from tenant: " + answer.status();
            default -> answer.text("error");
        };
    }

    private Addresses addresses() throws IOException {
        Addresses addresses = known;
        if (addresses == null) {
            addresses = server.hub() ? dockers() : discovered();
            known = addresses;
        }
        return addresses;
    }

    private Addresses dockers() {
        String base = server.issuer();
        return new Addresses(
                base + "/oauth/device/code", base + "/oauth/token", base + "/oauth/revoke");
    }

    /// As the server says them, by OpenID Connect or RFC 8414.
    private Addresses discovered() throws IOException {
        URI base = URI.create(server.issuer());
        Answer answer = calls.get(base + "/.well-known/openid-configuration");
        if (answer.status() == 404) {
            String path = base.getRawPath();
            answer = calls.get(base.resolve("/.well-known/oauth-authorization-server" + path) + "");
        }
        String code = answer.text("device_authorization_endpoint");
        if (answer.status() != 200 || code.isEmpty()) {
            throw new IOException(base + " offers no login by device code");
        }
        return new Addresses(
                code, answer.text("token_endpoint"), answer.text("revocation_endpoint"));
    }
}
