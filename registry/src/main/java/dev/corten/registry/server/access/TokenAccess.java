package dev.corten.registry.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.corten.http.Headers;
import dev.corten.registry.server.settings.ServerSettings.Auth;
import java.io.IOException;
import java.security.PublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Tokens of an authorisation server, as Docker's token specification has them: the registry says
/// where to get one and for what, and believes what it is signed to.
public final class TokenAccess implements AccessControl {
    /// How far clocks may be apart.
    private static final Duration LEEWAY = Duration.ofSeconds(60);

    private static final int MAX_TOKEN = 64 << 10;

    private final Auth.Tokens settings;
    private final TrustedKeys keys;
    private final DefaultJWSVerifierFactory verifiers = new DefaultJWSVerifierFactory();

    /// That a token is none, with the reason.
    private static final class Rejected extends Exception {
        private static final long serialVersionUID = 1;

        Rejected(String why) {
            super(why, null, false, false);
        }
    }

    /// @throws IOException if the keys cannot be read
    public TokenAccess(Auth.Tokens settings) throws IOException {
        this.settings = settings;
        this.keys = new TrustedKeys(settings.certificates(), settings.keys());
    }

    @Override
    public String admit(Headers request, List<Permission> needed) throws Challenge {
        String header = request.first("Authorization");
        if (header == null || !header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            throw challenge(needed, "", "authorization token required");
        }
        JWTClaimsSet claims;
        try {
            claims = claims(header.substring(7).strip());
        } catch (Rejected e) {
            throw challenge(needed, "invalid_token", String.valueOf(e.getMessage()));
        }
        Set<Permission> granted = granted(claims);
        for (Permission each : needed) {
            var any = new Permission(each.type(), each.name(), "*");
            if (!granted.contains(each) && !granted.contains(any)) {
                throw challenge(needed, "insufficient_scope", "insufficient scope");
            }
        }
        @Nullable String subject = claims.getSubject();
        return subject == null ? "" : subject;
    }

    private JWTClaimsSet claims(String token) throws Rejected {
        if (token.length() > MAX_TOKEN) {
            throw new Rejected("token is too long");
        }
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            String algorithm = jwt.getHeader().getAlgorithm().getName();
            if (!settings.algorithms().isEmpty() && !settings.algorithms().contains(algorithm)) {
                throw new Rejected("token signed with an algorithm that is not allowed");
            }
            Optional<PublicKey> key = keys.find(jwt.getHeader());
            if (key.isEmpty()) {
                throw new Rejected("token signed by an untrusted key");
            }
            // Refuses keys of another kind than the algorithm's: no key is a shared secret here.
            if (!jwt.verify(verifiers.createJWSVerifier(jwt.getHeader(), key.get()))) {
                throw new Rejected("token signature is wrong");
            }
            JWTClaimsSet claims = jwt.getJWTClaimsSet();
            if (!settings.issuer().equals(claims.getIssuer())) {
                throw new Rejected("token from an untrusted issuer: " + claims.getIssuer());
            }
            if (!claims.getAudience().contains(settings.service())) {
                throw new Rejected("token for another service: " + claims.getAudience());
            }
            Instant now = Instant.now();
            if (claims.getExpirationTime() == null
                    || claims.getExpirationTime().toInstant().plus(LEEWAY).isBefore(now)) {
                throw new Rejected("token has expired");
            }
            if (claims.getNotBeforeTime() != null
                    && claims.getNotBeforeTime().toInstant().minus(LEEWAY).isAfter(now)) {
                throw new Rejected("token is not valid yet");
            }
            return claims;
        } catch (ParseException | JOSEException | IllegalArgumentException e) {
            throw new Rejected("malformed token: " + e.getMessage());
        }
    }

    private static Set<Permission> granted(JWTClaimsSet claims) {
        var granted = new LinkedHashSet<Permission>();
        if (claims.getClaim("access") instanceof List<?> list) {
            for (Object each : list) {
                if (each instanceof Map<?, ?> access
                        && access.get("actions") instanceof List<?> actions) {
                    for (Object action : actions) {
                        granted.add(
                                new Permission(
                                        String.valueOf(access.get("type")),
                                        String.valueOf(access.get("name")),
                                        String.valueOf(action)));
                    }
                }
            }
        }
        return granted;
    }

    private Challenge challenge(List<Permission> needed, String error, String why) {
        var scopes = new LinkedHashMap<String, String>();
        for (Permission each : needed) {
            scopes.merge(each.type() + ":" + each.name(), each.action(), (a, b) -> a + "," + b);
        }
        var header =
                new StringBuilder("Bearer realm=\"")
                        .append(settings.realm())
                        .append("\",service=\"")
                        .append(settings.service())
                        .append('"');
        if (!scopes.isEmpty()) {
            header.append(",scope=\"")
                    .append(
                            String.join(
                                    " ",
                                    scopes.entrySet().stream()
                                            .map(e -> e.getKey() + ":" + e.getValue())
                                            .toList()))
                    .append('"');
        }
        if (!error.isEmpty()) {
            header.append(",error=\"").append(error).append('"');
        }
        return new Challenge(header.toString(), why);
    }
}
