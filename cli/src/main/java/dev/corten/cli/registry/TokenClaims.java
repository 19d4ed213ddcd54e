package dev.corten.cli.registry;

import dev.corten.client.Json;
import java.io.IOException;
import java.util.Base64;

/// What a JSON web token says. Nobody but the one whom it is for can know whether it is true: here it
/// only tells the name to keep it under.
final class TokenClaims {
    private static final String[] NAMES = {"preferred_username", "nickname", "email", "sub"};

    private final Json claims;

    private TokenClaims(Json claims) {
        this.claims = claims;
    }

    /// @throws IOException if it is no such token
    static TokenClaims of(String token) throws IOException {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            throw new IOException("not a JSON web token");
        }
        try {
            return new TokenClaims(Json.parse(Base64.getUrlDecoder().decode(parts[1])));
        } catch (IllegalArgumentException e) {
            throw new IOException("not a JSON web token: " + e.getMessage(), e);
        }
    }

    /// The name of a user of Docker Hub; empty if it says none.
    String hubUser() {
        return claims.get("https://hub.docker.com").get("username").text("");
    }

    /// The name by which others call their users; empty if it says none.
    String user() {
        for (String name : NAMES) {
            String value = claims.get(name).text("");
            if (!value.isEmpty()) {
                return value;
            }
        }
        return "";
    }
}
