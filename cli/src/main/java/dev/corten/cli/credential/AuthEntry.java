package dev.corten.cli.credential;

import dev.corten.client.Json;
import dev.corten.model.image.RegistryCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;

/// One member of `auths`: `{"auth":"<base64 of NAME:PASSWORD>","identitytoken":"…"}`.
final class AuthEntry {
    private AuthEntry() {}

    /// @param key the member's name
    static RegistryCredentials read(String key, Json entry) throws IOException {
        String username = entry.get("username").text("");
        String password = entry.get("password").text("");
        String auth = entry.get("auth").text("");
        if (!auth.isEmpty()) {
            String decoded = decode(key, auth);
            int colon = decoded.indexOf(':');
            if (colon <= 0) {
                throw new IOException("invalid auth configuration file");
            }
            username = decoded.substring(0, colon);
            password = withoutZeros(decoded.substring(colon + 1));
        }
        return new RegistryCredentials(
                username,
                password,
                key,
                entry.get("identitytoken").text(""),
                entry.get("registrytoken").text(""));
    }

    private static String decode(String key, String auth) throws IOException {
        try {
            return new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IOException("the credentials of " + key + " are no base64", e);
        }
    }

    /// Some programs fill up the password.
    private static String withoutZeros(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == 0) {
            end--;
        }
        return text.substring(0, end);
    }

    /// @param former the entry as it is, whose other members are kept
    static Json write(RegistryCredentials credentials, Json former) {
        var members = new LinkedHashMap<>(former.members());
        for (String name :
                new String[] {"auth", "username", "password", "identitytoken", "registrytoken"}) {
            members.remove(name);
        }
        if (!credentials.username().isEmpty() || !credentials.password().isEmpty()) {
            byte[] pair =
                    (credentials.username() + ":" + credentials.password())
                            .getBytes(StandardCharsets.UTF_8);
            members.put("auth", Json.string(Base64.getEncoder().encodeToString(pair)));
        }
        put(members, "identitytoken", credentials.identityToken());
        put(members, "registrytoken", credentials.registryToken());
        return Json.object(members);
    }

    private static void put(LinkedHashMap<String, Json> members, String name, String value) {
        if (!value.isEmpty()) {
            members.put(name, Json.string(value));
        }
    }
}
