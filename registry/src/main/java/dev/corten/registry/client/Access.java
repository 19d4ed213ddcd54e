package dev.corten.registry.client;

import dev.corten.model.InvalidParameter;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.store.document.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// Who we are at one site: answers its challenges with a token, a password, or nothing.
final class Access {
    private static final String CLIENT = "docker";
    private static final int ANSWER_LIMIT = 1 << 20;
    private static final Duration SHORTEST = Duration.ofSeconds(60);

    /// What a token must still be good for when a request begins.
    private static final Duration MARGIN = Duration.ofSeconds(10);

    private final Endpoint endpoint;
    private final Transport transport;
    private final RegistryCredentials credentials;
    private final Tokens tokens;

    Access(Endpoint endpoint, Transport transport, RegistryCredentials credentials, Tokens tokens) {
        this.endpoint = endpoint;
        this.transport = transport;
        this.credentials = credentials;
        this.tokens = tokens;
    }

    /// The value of `Authorization`.
    ///
    /// @param scopes what the request needs; none for the registry as such
    Optional<String> authorization(List<Challenge> challenges, List<String> scopes)
            throws IOException, InterruptedException {
        Optional<Challenge> bearer = find(challenges, "bearer");
        if (bearer.isPresent()) {
            if (!credentials.registryToken().isEmpty()) {
                return Optional.of("Bearer " + credentials.registryToken());
            }
            Tokens.Key key = key(bearer.get(), scopes);
            return Optional.of("Bearer " + tokens.get(key, () -> fetch(key, false)).value());
        }
        if (find(challenges, "basic").isPresent()) {
            return Optional.of(
                    basic().orElseThrow(() ->
                            new RegistryFailure(
                                    401, "", "no basic auth credentials", Optional.empty())));
        }
        return Optional.empty();
    }

    /// Forgets what was refused.
    ///
    /// @return whether it is worth asking again with something else
    boolean refused(List<Challenge> challenges, List<String> scopes, Optional<String> shown) {
        Optional<Challenge> bearer = find(challenges, "bearer");
        if (bearer.isPresent() && credentials.registryToken().isEmpty()) {
            shown.ifPresent(header ->
                    tokens.refused(key(bearer.get(), scopes), header.replaceFirst("^Bearer ", "")));
            return true;
        }
        return shown.isEmpty();
    }

    /// Asks for a token that stands for the password from now on.
    ///
    /// @return `""` if the server has none, or wants the password each time
    String identityToken(List<Challenge> challenges) throws IOException, InterruptedException {
        Optional<Challenge> bearer = find(challenges, "bearer");
        return bearer.isEmpty() ? "" : fetch(key(bearer.get(), List.of()), true).refreshToken();
    }

    private static Optional<Challenge> find(List<Challenge> challenges, String scheme) {
        return challenges.stream().filter(c -> c.scheme().equals(scheme)).findFirst();
    }

    private Tokens.Key key(Challenge bearer, List<String> scopes) {
        return new Tokens.Key(
                bearer.parameter("realm"),
                bearer.parameter("service"),
                String.join(" ", scopes),
                credentials);
    }

    private Optional<String> basic() {
        if (credentials.username().isEmpty() || credentials.password().isEmpty()) {
            return Optional.empty();
        }
        String pair = credentials.username() + ":" + credentials.password();
        byte[] bytes = pair.getBytes(StandardCharsets.UTF_8);
        return Optional.of("Basic " + Base64.getEncoder().encodeToString(bytes));
    }

    private Tokens.Token fetch(Tokens.Key key, boolean offline)
            throws IOException, InterruptedException {
        URI realm = realm(key.realm());
        if (!Realms.mayBeAsked(endpoint.base(), realm)) {
            throw new RegistryFailure(
                    401,
                    "",
                    "tokens are not asked for at "
                            + realm
                            + ", which is this host's own or link-local, and the registry is not",
                    Optional.empty());
        }
        boolean secret = !credentials.identityToken().isEmpty() || basic().isPresent();
        if (secret && endpoint.encrypted() && !"https".equalsIgnoreCase(realm.getScheme())) {
            throw new RegistryFailure(
                    401,
                    "",
                    "credentials are not sent in the clear to " + realm + ", where tokens are had",
                    Optional.empty());
        }
        Call call =
                credentials.identityToken().isEmpty()
                        ? byQuery(realm, key, offline)
                        : byForm(realm, key);
        try (Answer answer = transport.send(call)) {
            if (!answer.succeeded()) {
                throw RegistryFailure.of(answer);
            }
            return read(answer.document("the token's answer", ANSWER_LIMIT));
        }
    }

    private static URI realm(String realm) throws RegistryFailure {
        try {
            URI uri = URI.create(realm);
            String scheme = String.valueOf(uri.getScheme());
            boolean known = scheme.equalsIgnoreCase("https") || scheme.equalsIgnoreCase("http");
            if (known && uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw noRealm(realm);
        }
        throw noRealm(realm);
    }

    private static RegistryFailure noRealm(String realm) {
        return new RegistryFailure(
                401, "", "no address to ask for a token: \"" + realm + "\"", Optional.empty());
    }

    private Call byQuery(URI realm, Tokens.Key key, boolean offline) {
        var query = new ArrayList<String>();
        if (realm.getRawQuery() != null) {
            query.add(realm.getRawQuery());
        }
        Optional<String> password = basic();
        if (password.isPresent()) {
            query.add("account=" + encoded(credentials.username()));
        }
        if (offline) {
            query.add("client_id=" + CLIENT);
            query.add("offline_token=true");
        }
        for (String scope : key.scope().split(" ")) {
            if (!scope.isEmpty()) {
                query.add("scope=" + encoded(scope));
            }
        }
        if (!key.service().isEmpty()) {
            query.add("service=" + encoded(key.service()));
        }
        String text = realm.toString();
        int end = text.indexOf('?');
        String base = end < 0 ? text : text.substring(0, end);
        Call call =
                Call.of(
                        "GET",
                        URI.create(query.isEmpty() ? base : base + "?" + String.join("&", query)));
        return password.map(p -> call.with("Authorization", p)).orElse(call);
    }

    private Call byForm(URI realm, Tokens.Key key) {
        String form =
                "grant_type=refresh_token&client_id="
                        + CLIENT
                        + "&refresh_token="
                        + encoded(credentials.identityToken())
                        + "&service="
                        + encoded(key.service())
                        + (key.scope().isEmpty() ? "" : "&scope=" + encoded(key.scope()));
        return Call.of("POST", realm)
                .sending(
                        "application/x-www-form-urlencoded",
                        bytes(form.getBytes(StandardCharsets.UTF_8)));
    }

    /// A body that is there as a whole.
    static Call.Body bytes(byte[] content) {
        return new Call.Body() {
            @Override
            public long length() {
                return content.length;
            }

            @Override
            public InputStream open() {
                return new java.io.ByteArrayInputStream(content);
            }
        };
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private Tokens.Token read(byte[] body) throws RegistryFailure {
        String value;
        String refresh;
        long seconds;
        try {
            Json json = Json.parse("the token's answer", body).requireObject();
            String token = json.text("token");
            value = token.isEmpty() ? json.text("access_token") : token;
            refresh = json.text("refresh_token");
            seconds = json.number("expires_in");
        } catch (InvalidParameter e) {
            throw new RegistryFailure(
                    502, "", "unable to decode token response: " + e.message(), Optional.empty());
        }
        if (value.isEmpty()) {
            throw new RegistryFailure(
                    401,
                    "",
                    "authorization server did not include a token in the response",
                    Optional.empty());
        }
        // Docker too takes less than a minute for a mistake of the server.
        long lifetime = Math.max(SHORTEST.toSeconds(), Math.min(seconds, 1L << 31));
        Instant expires = tokens.clock().instant().plusSeconds(lifetime).minus(MARGIN);
        return new Tokens.Token(value, refresh, expires);
    }
}
