package dev.corten.cli.registry;

import dev.corten.cli.credential.Credentials;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.setup.ConfigFile;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Who lets the users of a registry log in by web browser: an authorization server with the device
/// flow of RFC 8628. That of Docker Hub is known; others are named in `config.json`, where Docker's
/// command line leaves them alone:
///
/// ```json
/// {"plugins": {"corten": {
///     "device-login:registry.example:5000": "https://id.example/realms/dev?client_id=corten&scope=openid"
/// }}}
/// ```
///
/// @param issuer its address, without a slash at the end
/// @param audience what the tokens are for; empty to leave it to the server
/// @param hub whether it is Docker Hub's, which has ways of its own
record LoginServer(String issuer, String clientId, String audience, String scope, boolean hub) {
    private static final String SETTINGS = "corten";
    private static final String PREFIX = "device-login:";
    private static final String HUB_NAME = "docker.io";
    private static final String USUAL_SCOPE = "openid offline_access";

    /// As Docker's command line introduces itself there, in public.
    private static final LoginServer HUB =
            new LoginServer(
                    "https://login.docker.com",
                    "L4v0dmlNBpYUjGGab0C2JtgTgXr1Qz4d",
                    "https://hub.docker.com",
                    USUAL_SCOPE,
                    true);

    /// @param key of the registry's credentials
    /// @throws Failure if the configured one is no address
    static Optional<LoginServer> of(String key, ConfigFile config) {
        boolean hub = key.equals(Credentials.HUB);
        String name = PREFIX + (hub ? HUB_NAME : key);
        String configured = config.get("plugins").get(SETTINGS).get(name).text("");
        if (configured.isEmpty()) {
            return hub ? Optional.of(HUB) : Optional.empty();
        }
        try {
            return Optional.of(parse(URI.create(configured), hub));
        } catch (IllegalArgumentException e) {
            throw new Failure("invalid " + name + " in " + config.path() + ": " + e.getMessage());
        }
    }

    private static LoginServer parse(URI uri, boolean hub) {
        if (uri.getHost() == null || uri.getScheme() == null) {
            throw new IllegalArgumentException("no address: " + uri);
        }
        Map<String, String> query = query(String.valueOf(uri.getRawQuery()));
        String base = uri.toString().replaceFirst("[?#].*", "").replaceFirst("/+$", "");
        return new LoginServer(
                base,
                query.getOrDefault("client_id", hub ? HUB.clientId : SETTINGS),
                query.getOrDefault("audience", hub ? HUB.audience : ""),
                query.getOrDefault("scope", USUAL_SCOPE),
                hub);
    }

    private static Map<String, String> query(String raw) {
        var values = new HashMap<String, String>();
        for (String pair : raw.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                values.put(
                        pair.substring(0, equals),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return values;
    }
}
